# What all tables format the same way.  A share is .123, followed by its interval or range in brackets.
def digits: . * 1000 | round | if . < 0 then "-" + (-. | tostring) else tostring end
	| capture("^(?<minus>-?)(?<n>.*)$") | (if .n | length > 3 then .n[:-3] else "" end) as $whole
	| .minus + $whole + "." + ("000" + .n)[-3:];
def bracketed($low; $high): "\(digits) (\($low | digits)-\($high | digits))";
def method_title: { poisoned: "poisoned", crossmodal: "cross-modal", ss: "self-supervised alone", cleanclip: "CleanCLIP",
	supervised: "supervised" }[.] // .;
