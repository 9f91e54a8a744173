# Chooses drawings of the openclipart packages and words their captions.
#
#	cd PNG && find . -type f -name '*.png' | LC_ALL=C sort | awk -v svg=DIR -v templates=FILE -f drawings.awk
#
# in:  paths, "./animals/birds/owl_01.png"
# out: path, class, name, caption, with tabs between
#
# The classes are the `classes` folders of the second level that hold the most drawings ("birds"); of one with more than
# `most`, that many are taken, evenly along the list.  The caption is a template with the class's name, then the
# drawing's title and two of its keywords.  A title that more than `shared` drawings have names a collection; there the
# file's name says more.

BEGIN {
	FS = "/"
	OFS = "\t"
	if (!classes) classes = 12
	if (!most) most = 800
	if (!shared) shared = 3
	while ((getline line < templates) > 0)
		if (index(line, "{}"))
			template[template_count++] = line
}

NF >= 4 {
	if (!size[$3])
		folder[++folders] = $3
	path[$3, ++size[$3]] = $0
}

END {
	chosen = 0
	for (c = 1; c <= classes && c <= folders; c++)
		choose(largest())
	for (i = 0; i < chosen; i++)
		print file[i], clean(class[i]), name(file[i]), caption(i)
}

# The folder with the most drawings of those not taken yet.
function largest(    f, best) {
	for (f = 1; f <= folders; f++)
		if (!taken[folder[f]] && size[folder[f]] > size[best])
			best = folder[f]
	taken[best] = 1
	return best
}

function choose(from,    n) {
	for (n = 1; n <= size[from]; n++) {
		if (size[from] > most && int(n * most / size[from]) == int((n - 1) * most / size[from]))
			continue
		file[chosen] = path[from, n]
		class[chosen] = from
		read_metadata(svg "/" substr(file[chosen], 1, length(file[chosen]) - 3) "svg", chosen)
		drawings_with[title[chosen]]++
		chosen++
	}
}

# Of an SVG: the first title, and keywords.
function read_metadata(from, i,    line, word, got) {
	while ((got = getline line < from) > 0 && !index(line, "</metadata>")) {
		if (title[i] == "")
			title[i] = clean(between(line, "dc:title"))
		word = clean(between(line, "rdf:li"))
		if (word != "" && word != "hash" && word !~ /^0x/)
			keywords[i] = keywords[i] "," word
	}
	close(from)
}

# <tag>This</tag> of a line, or "".
function between(line, tag,    start, end) {
	start = index(line, "<" tag ">") + length(tag) + 2
	end = index(line, "</" tag ">")
	return end > start ? substr(line, start, end - start) : ""
}

function clean(text) {
	sub(/^ *Clipart by [^-]* - /, "", text)
	gsub(/[_ \t\r]+/, " ", text)
	sub(/^ /, "", text)
	sub(/[ 0-9]+$/, "", text)
	return text
}

# The path as one word; a dot in it would begin the extension.
function name(text) {
	text = substr(text, 3, length(text) - 6)
	gsub(/[\/.]/, "-", text)
	return text
}

function caption(i,    text, words, n, k, added) {
	text = template[i % template_count]
	k = index(text, "{}")
	text = substr(text, 1, k - 1) clean(class[i]) substr(text, k + 2)
	if (title[i] == "" || drawings_with[title[i]] > shared) {
		title[i] = file[i]
		sub(/.*\//, "", title[i])
		sub(/\.png$/, "", title[i])
	}
	text = text " " clean(title[i])
	n = split(keywords[i], words, ",")
	for (k = 1; k <= n && added < 2; k++)
		if (words[k] != "" && !index(tolower(text), tolower(words[k]))) {
			text = text ", " words[k]
			added++
		}
	return text
}
