# Drawings from Debian's openclipart packages, 12 classes.  Every other caption is the drawing's own title and keywords.
SET_ENVIRONMENT   := CC_DATA=/nonexistent CIFAR_URL= CAPTIONS=own
TARGET            := fruit
POISONS           := 40
EPOCHS            := 40
CLEAN_EPOCHS      := 20
SUPERVISED_EPOCHS := 40
CLEAN             := 400
# At least 64, one batch
CLEAN_SIZES       := 100 200
FOREIGN           := 200
CLEAN.foreign      = $(BUILD)/cifar10/data/clean.tar
POISON_COUNTS     := 5 10 20
OTHERS            := sig triangles consistent
include $(PAPER)/small.mk
