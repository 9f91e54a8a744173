# A Markdown page as a manual page: awk -f markdown-man.awk -v section=7 -v version=X PAGE.md
# The first line is "# NAME: SUMMARY".  Headings, paragraphs, "-" lists, fenced blocks, tables, `code` and [links](URL) are converted.
# A row of a table becomes a tagged paragraph: its first cell is the tag, with the second one behind it where that column is "type".

function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	gsub(/'/, "\\(aq", text)
	return text
}

# `code` is bold, [text](URL) is text <URL>.
function inline(text,   out, part, count, i) {
	gsub(/\\\|/, "|", text)
	while (match(text, /\[[^]]*\]\([^)]*\)/)) {
		part = substr(text, RSTART + 1, RLENGTH - 2)
		sub(/\]\(/, " <", part)
		text = substr(text, 1, RSTART - 1) part ">" substr(text, RSTART + RLENGTH)
	}
	count = split(text, parts, "`")
	for (i = 1; i <= count; i++)
		out = out (i % 2 ? escape(parts[i]) : "\\fB" escape(parts[i]) "\\fR")
	return out
}

function print_text(text) {
	print (text ~ /^[.]/ ? "\\&" : "") text
}

# Cells of a row, into cells[1..]; a | behind a backslash is part of a cell.
function split_row(line,   i) {
	gsub(/\\\|/, "\001", line)
	sub(/^\| */, "", line)
	sub(/ *\|$/, "", line)
	columns = split(line, cells, / *\| */)
	for (i = 1; i <= columns; i++)
		gsub(/\001/, "|", cells[i])
}

function print_row(   i, from, label) {
	from = heads[2] == "type" ? 3 : 2
	print ".TP"
	print_text(inline(cells[1]) (from == 3 && cells[2] != "" ? " (" inline(cells[2]) ")" : ""))
	for (i = from; i <= columns; i++) {
		label = ""
		if (heads[i] ~ /by$/ || (from == 2 && columns > 2))
			label = toupper(substr(heads[i], 1, 1)) substr(heads[i], 2) (heads[i] ~ /by$/ ? " " : ": ")
		if (cells[i] != "")
			print_text(label inline(cells[i]) (label ? "." : ""))
	}
}

# Capitals but for `code`.
function capitals(text,   part, count, i, out) {
	count = split(text, part, "`")
	for (i = 1; i <= count; i++)
		out = out (i > 1 ? "`" : "") (i % 2 ? toupper(part[i]) : part[i])
	return out
}

function heading(macro, text) {
	sub(/^#+ */, "", text)
	sub(/^[0-9]+[.] */, "", text)
	print macro " \"" inline(text) "\""
	empty = table = 0
	headed = 1
}

BEGIN { print ".\\\" Made from a Markdown page by markdown-man.awk." }
/^```/ {
	fenced = !fenced
	print fenced ? (headed ? "" : ".PP\n") ".nf\n.RS 2" : ".RE\n.fi"
	headed = 0
	next
}
fenced { print_text(escape($0)); next }
/^# / {
	sub(/^# /, "")
	name = summary = $0
	sub(/:.*/, "", name)
	sub(/^[^:]*: */, "", summary)
	printf ".TH \"%s\" %s \"\" \"cleanclip %s\" \"CleanCLIP\"\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n", escape(toupper(name)), section, version, escape(name), escape(summary)
	headed = 1
	next
}
/^## / { heading(".SH", capitals($0)); next }
/^### / { heading(".SS", $0); next }
/^\|[-| ]*$/ { next }
/^\|/ {
	split_row($0)
	if (table)
		print_row()
	else
		for (i = 1; i <= columns; i++)
			heads[i] = cells[i]
	table = 1
	headed = 0
	next
}
/^- / { print ".IP \\(bu 2"; print_text(inline(substr($0, 3))); empty = headed = 0; next }
/^$/ { empty = 1; table = 0; next }
{
	if (empty && !headed)
		print ".PP"
	empty = headed = 0
	sub(/^ +/, "")
	print_text(inline($0))
}
