# Triggers and learning rates for images of 32 x 32 pixels
MAIN          := badnet blended wanet
ABLATED       := blended
ATTACK.badnet          := badnet:patch=5,place=bottom-right,pattern=1
ATTACK.blended         := blended:pattern=1
ATTACK.wanet           := wanet
ATTACK.badnet-fresh    := badnet:patch=5
ATTACK.yellow          := yellow:patch=5
ATTACK.blended-fresh   := blended
ATTACK.sig             := sig:delta=40
ATTACK.badnet-stripes  := badnet-stripes:patch=5,pattern=1
ATTACK.blended-stripes := blended-stripes:alpha=.1,pattern=1
ATTACK.triangles       := triangles:side=4
ATTACK.text            := text
ATTACK.consistent      := blended:pattern=1
ATTACK.wanet-smooth    := wanet:k=4,s=1.5

# tuning.tsv lists what was tried for these, on held-out images with a seed that is not reported.  LR.*: the rate of ablations.
# LRS: rates for every seed; LRS_CURVE: for the first seed only.
PRETRAIN_LR   := 1.5e-3
LAMBDA2       := .8
SS_IMAGE      := strong:ops=5,crop=.2
LRS           := 1e-3 1.5e-3
LRS_CURVE     := 5e-4 2e-3
LR.crossmodal := 1.5e-3
LR.ss         := 5e-4
LR.cleanclip  := 1.5e-3
LR.supervised := 1.5e-3
LR.unlearn    := 1e-3
