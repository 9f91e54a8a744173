# CIFAR-10: photographs of 32 x 32 pixels
SET_ENVIRONMENT   := $(if $(DATA),CC_DATA=$(call quote,$(DATA)))
TARGET            := airplane
POISONS           := 400
EPOCHS            := 8
CLEAN_EPOCHS      := 6
SUPERVISED_EPOCHS := 12
CLEAN             := 7000
CLEAN_SIZES       := 500 1000 2000 4000
FOREIGN           := 2000
CLEAN.foreign      = $(BUILD)/drawings/data/train.tar
POISON_COUNTS     := 25 50 100 200
OTHERS            := badnet-fresh yellow blended-fresh sig badnet-stripes blended-stripes triangles text consistent wanet-smooth
include $(PAPER)/small.mk
