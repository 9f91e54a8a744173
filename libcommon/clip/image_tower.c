#include "clip/image_tower.h"

#define IMAGE_TOWER(name) &image_tower_##name,
static const struct image_tower *const towers[] = {
#include "clip/image_towers.def"
};
#undef IMAGE_TOWER

const struct image_tower *image_tower_for(const struct value *vision_cfg)
{
	for (size_t i = 0; i < sizeof towers / sizeof *towers; i++)
		if (towers[i]->is_meant(vision_cfg))
			return towers[i];
	return NULL;
}

const char *image_tower_names(void)
{
#define IMAGE_TOWER(name) ", " #name
	static const char names[] =
#include "clip/image_towers.def"
		;
#undef IMAGE_TOWER
	return names + 2;
}
