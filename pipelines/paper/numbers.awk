# The numbers of a table of tables.jq, for gnuplot: "mean (lowest-highest)" becomes three numbers.  -v columns=2,3: the columns to print.
# -v blocks=N: column N divides the lines into blocks, each under its value.  -v only=TEXT: only lines whose first column is TEXT.
# -v short=1: print the means alone.
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
