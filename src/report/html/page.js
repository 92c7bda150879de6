//<![CDATA[
// SPDX-License-Identifier: Apache-2.0
// Sorts and filters the tables of tests; the page is complete without it. In a CDATA section, since the page is XML, too.
'use strict';
(() => {
	const collator = new Intl.Collator('en', { numeric: true });

	// What a cell is sorted by: its figure in full precision, else its text; null where there is none.
	const keyOf = (row, column, numeric) => {
		const cell = row.cells[column];
		if (!numeric)
			return cell.textContent.trim() || null;
		return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
	};

	// Rows by a column; those without a value stay last in either direction, equal ones in the order of the suite.
	const sortRows = (rows, column, numeric, direction) => {
		const keyed = rows.map((row, index) => ({ row, index, key: keyOf(row, column, numeric) }));
		keyed.sort((a, b) => {
			if (a.key === null || b.key === null)
				return (a.key === null) - (b.key === null) || a.index - b.index;
			const order = numeric ? a.key - b.key : collator.compare(a.key, b.key);
			return order * direction || a.index - b.index;
		});
		return keyed.map((entry) => entry.row);
	};

	// Clicks go from the more useful direction to the other one, and back to the order of the suite.
	const nextState = (header) => {
		const first = header.dataset.first || 'ascending';
		const second = first === 'ascending' ? 'descending' : 'ascending';
		const state = header.getAttribute('aria-sort');
		return state === first ? second : state === second ? 'none' : first;
	};

	const makeSortable = (table) => {
		const body = table.tBodies[0], original = Array.from(body.rows);
		const headers = Array.from(table.tHead.rows[0].cells);
		headers.forEach((header, column) => {
			const button = document.createElement('button');
			button.type = 'button';
			button.append(...header.childNodes);
			header.append(button);
			header.setAttribute('aria-sort', 'none');
			button.addEventListener('click', () => {
				const state = nextState(header);
				headers.forEach((other) => other.setAttribute('aria-sort', other === header ? state : 'none'));
				body.append(...(state === 'none' ? original : sortRows(original, column,
					header.dataset.sort === 'number', state === 'ascending' ? 1 : -1)));
			});
		});
	};

	// Rows that have all of the words, wherever.
	const makeFilter = (input) => {
		const table = document.getElementById(input.dataset.table);
		const output = document.querySelector(`output[data-of="${input.dataset.table}"]`);
		const rows = Array.from(table.tBodies[0].rows);
		let texts = null;
		input.addEventListener('input', () => {
			const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
			texts = texts || rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join(' ').toLowerCase());
			let shown = 0;
			rows.forEach((row, index) => {
				row.hidden = !words.every((word) => texts[index].includes(word));
				shown += row.hidden ? 0 : 1;
			});
			output.value = words.length ? `${shown} of ${rows.length} tests` : '';
		});
		input.closest('.controls').hidden = false;
	};

	document.querySelectorAll('table.tests').forEach(makeSortable);
	document.querySelectorAll('input[data-table]').forEach(makeFilter);

	// Paper has no triangles to click on.
	let closed = [];
	window.addEventListener('beforeprint', () => {
		closed = Array.from(document.querySelectorAll('details:not([open])'));
		closed.forEach((details) => { details.open = true; });
	});
	window.addEventListener('afterprint', () => closed.forEach((details) => { details.open = false; }));
})();
//]]>
