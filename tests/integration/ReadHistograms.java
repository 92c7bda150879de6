// SPDX-License-Identifier: Apache-2.0
import java.io.File;
import java.io.PrintStream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/**
 * What HdrHistogram itself reads from a log: a line for each interval, with its tag, start and end (ms since the
 * epoch), count, min, max, and the values at some percentiles. With a folder, also the percentile distribution of each
 * tag (its intervals added), as the library prints it in microseconds: into FOLDER/TAG.hgrm.
 */
public final class ReadHistograms {
	private static final double[] PERCENTILES = { 50, 90, 99, 99.9, 99.99 };

	private static void tell(Histogram histogram) {
		StringBuilder line = new StringBuilder();

		line.append(histogram.getTag()).append(' ').append(histogram.getStartTimeStamp());
		line.append(' ').append(histogram.getEndTimeStamp()).append(' ').append(histogram.getTotalCount());
		line.append(' ').append(histogram.getMinValue()).append(' ').append(histogram.getMaxValue());
		for (double percentile : PERCENTILES)
			line.append(' ').append(histogram.getValueAtPercentile(percentile));
		System.out.println(line);
	}

	public static void main(String[] arguments) throws Exception {
		var sums = new java.util.LinkedHashMap<String, Histogram>();
		var reader = new HistogramLogReader(new File(arguments[0]));

		while (reader.hasNext()) {
			EncodableHistogram next = reader.nextIntervalHistogram();

			if (next == null)
				continue; // a line that is no interval: a comment, the legend
			Histogram histogram = (Histogram) next;

			tell(histogram);
			Histogram sum = sums.get(histogram.getTag());
			if (sum == null)
				sums.put(histogram.getTag(), histogram);
			else
				sum.add(histogram);
		}
		if (arguments.length < 2)
			return;
		for (var entry : sums.entrySet())
			try (PrintStream out = new PrintStream(new File(arguments[1], entry.getKey() + ".hgrm"))) {
				entry.getValue().outputPercentileDistribution(out, 5, 1000.0);
			}
	}
}
