#compdef cc-shard cc-poison cc-augment cc-embed cc-train cc-score cc-view cc-model
# zsh completion: each program prints its own verbs, options and values.
local output code word
local -a candidates values
output=$(${words[1]} --complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)
code=$?
candidates=(${(f)output})
values=(${(M)candidates:#*=})
candidates=(${candidates:#*=})
compadd -S '' -a values
compadd -a candidates
[[ $code -ne 1 ]] || _files
