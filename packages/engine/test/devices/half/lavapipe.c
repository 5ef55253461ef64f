// Lavapipe of Mesa 22 computes Vulkan on the processor, float16 too, but cannot index arrays of images by variables, which WebGPU asks of every driver whether or not a
// program does it. Programs of onnxruntime have no images: this driver is Lavapipe and says that it can. No header of Vulkan is needed.

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*Lookup)(void *instance, const char *name);

// VkPhysicalDeviceFeatures is a list of 55 truth values.
enum { FEATURES = 55, SAMPLED_IMAGE_INDEXING = 34, STORAGE_IMAGE_INDEXING = 36, FEATURES_2 = 1000059000 };

typedef struct Chained {
  int32_t type;
  struct Chained *next;
  uint32_t features[FEATURES];
} Chained;

typedef struct {
  int32_t type;
  Chained *next;
  uint32_t flags, queueCount;
  const void *queues;
  uint32_t layerCount;
  const void *layers;
  uint32_t extensionCount;
  const void *extensions;
  uint32_t *features;
} DeviceRequest;

static void *library;
static void *instance;

static void *symbol(const char *name) {
  if (!library) library = dlopen(LAVAPIPE, RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, name) : NULL;
  if (!found) {
    fprintf(stderr, "%s\n", dlerror());
    abort();
  }
  return found;
}

static Function real(const char *name) { return ((Lookup)symbol("vk_icdGetInstanceProcAddr"))(instance, name); }

static void set(uint32_t *features, uint32_t value) {
  features[SAMPLED_IMAGE_INDEXING] = features[STORAGE_IMAGE_INDEXING] = value;
}

static void features(void *device, uint32_t *out) {
  ((void (*)(void *, uint32_t *))real("vkGetPhysicalDeviceFeatures"))(device, out);
  set(out, 1);
}

static void features2(void *device, Chained *out) {
  ((void (*)(void *, Chained *))real("vkGetPhysicalDeviceFeatures2"))(device, out);
  set(out->features, 1);
}

// Lavapipe refuses a device with what it does not have.
static int32_t createDevice(void *device, DeviceRequest *request, const void *allocator, void **out) {
  if (request->features) set(request->features, 0);
  for (Chained *next = request->next; next; next = next->next)
    if (next->type == FEATURES_2) set(next->features, 0);
  return ((int32_t (*)(void *, DeviceRequest *, const void *, void **))real("vkCreateDevice"))(device, request,
                                                                                             allocator, out);
}

static Function lookup(const char *through, void *of, const char *name) {
  if (of) instance = of;
  if (!strcmp(name, "vkGetPhysicalDeviceFeatures")) return (Function)features;
  if (!strncmp(name, "vkGetPhysicalDeviceFeatures2", 28)) return (Function)features2;
  if (!strcmp(name, "vkCreateDevice")) return (Function)createDevice;
  return ((Lookup)symbol(through))(of, name);
}

Function vk_icdGetInstanceProcAddr(void *of, const char *name) {
  return lookup("vk_icdGetInstanceProcAddr", of, name);
}

Function vk_icdGetPhysicalDeviceProcAddr(void *of, const char *name) {
  return lookup("vk_icdGetPhysicalDeviceProcAddr", of, name);
}

int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  return ((int32_t (*)(uint32_t *))symbol("vk_icdNegotiateLoaderICDInterfaceVersion"))(version);
}
