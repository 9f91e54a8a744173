# A table of tables.jq as numbers: "mean (lowest-highest)" becomes three.  -v columns: which, by number.
# -v blocks: the column whose values begin blocks of their own, each with its name above it.
BEGIN { FS = "\t"; count = split(columns, wanted, ",") }
NR == 1 { next }
only && $1 != only { next }
blocks && $blocks != block {
	printf "%s\"%s\"\n", (block == "" ? "" : "\n\n"), $blocks
	block = $blocks
}
{
	for (i = 1; i <= count; i++) {
		text = $wanted[i]
		if (text ~ /\(/) {
			mean = low = high = text
			sub(/ .*/, "", mean)
			sub(/.*\(/, "", low)
			sub(/-.*/, "", low)
			sub(/.*-/, "", high)
			sub(/\)/, "", high)
			text = short ? mean : mean " " low " " high
		}
		printf "%s%s", (i > 1 ? " " : ""), text
	}
	print ""
}
