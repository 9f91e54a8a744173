# CIFAR-10's photographs, 32 x 32.
SET_ENVIRONMENT :=
TARGET        := airplane
POISONS       := 400
EPOCHS        := 8
CLEAN_EPOCHS  := 6
CLEAN         := 4000
CLEAN_SIZES   := 500 1000 2000 7000
POISON_COUNTS := 12 25 50 100 200
CLEAN.foreign  = $(BUILD)/drawings/data/train.tar
OTHERS        := badnet-fresh yellow blended-fresh sig badnet-stripes blended-stripes triangles text consistent wanet-smooth
include $(PAPER)/small.mk
