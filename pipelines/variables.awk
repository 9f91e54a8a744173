# given="NAME ..." awk -f variables.awk FILE...: prints what is wrong with the first NAME that no FILE reads or sets, and the nearest name.
# FILEs are makefiles, shell scripts (whose settings are in capitals) and tables of settings (.tsv).
function known(name, prefix) {
	if (name in names || name ~ /^(CC|LC|MAKE)_/)
		return 1
	for (prefix in prefixes)
		if (index(name, prefix) == 1)
			return 1
	return 0
}

# Levenshtein distance, where two swapped letters count as one edit
function distance(a, b, i, j, d, least) {
	for (i = 0; i <= length(a); i++)
		for (j = 0; j <= length(b); j++) {
			if (!i || !j) {
				d[i, j] = i + j
				continue
			}
			least = d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1))
			if (d[i - 1, j] + 1 < least)
				least = d[i - 1, j] + 1
			if (d[i, j - 1] + 1 < least)
				least = d[i, j - 1] + 1
			if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1) && d[i - 2, j - 2] + 1 < least)
				least = d[i - 2, j - 2] + 1
			d[i, j] = least
		}
	return d[length(a), length(b)]
}

function nearest(name, candidate, found, best, far) {
	best = length(name) / 2
	for (candidate in names) {
		if (candidate !~ /^[A-Z]/)
			continue # not a setting
		far = distance(toupper(name), toupper(candidate))
		if (far < best || (far == best && candidate < found)) {
			best = far
			found = candidate
		}
	}
	return found
}

function learn(name) {
	if (name ~ /[.]$/)
		prefixes[name] # $(BATCH.$(method))
	else if (FILENAME !~ /[.]sh$/ || name ~ /^[A-Z]/)
		names[name]
}

BEGIN {
	count = split("AR CC CFLAGS CPPFLAGS CXX DESTDIR HOME INSTALL LD LDFLAGS LDLIBS MAKE MAKEFLAGS NO_COLOR PATH PREFIX SHELL TMPDIR V", usual, " ")
	for (i = 1; i <= count; i++)
		names[usual[i]]
}
FILENAME ~ /[.]tsv$/ {
	for (i = 1; i <= NF; i++)
		if ($i ~ /^[A-Z]/)
			names[$i]
	next
}
/^#/ { next }
match($0, /^[A-Za-z_][A-Za-z0-9_.]*[ \t]*[?:+]*=/) {
	name = $0
	sub(/[ \t?:+=].*/, "", name)
	learn(name)
}
{
	while (match($0, /[$]+[({]?[A-Za-z_][A-Za-z0-9_.]*/)) {
		name = substr($0, RSTART, RLENGTH)
		$0 = substr($0, RSTART + RLENGTH)
		gsub(/[$({]/, "", name)
		learn(name)
	}
}
END {
	count = split(ENVIRON["given"], given, " ")
	for (i = 1; i <= count; i++)
		if (!known(given[i])) {
			found = nearest(given[i])
			print given[i] ": unknown variable, no makefile or script reads it" (found == "" ? "" : "; did you mean " found "?")
			exit
		}
}
