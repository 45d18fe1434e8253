# Builds build/trainyard_torch.node: the same engine over PyTorch's operators, for NVIDIA GPUs. It uses the PyTorch in
# LIBTORCH (the root of an unpacked libtorch), else that of $(PYTHON), else Debian's libtorch-dev (only for CPUs). The
# addon works with exactly that PyTorch: build it again when PyTorch changes.
include common.mk
PYTHON ?= python3
BUILD := build/torch
TARGET := build/trainyard_torch.node

# make splits paths at spaces, so it gets PyTorch's folder by a link. The shell expands the path, not make.
LINK := $(BUILD)/pytorch
export LIBTORCH
find_pytorch = if [ -n "$$LIBTORCH" ]; then folder=$$LIBTORCH abi=1; else \
  found=$$($(PYTHON) -c \
  "import os, torch; print(int(torch._C._GLIBCXX_USE_CXX11_ABI), os.path.dirname(torch.__file__))" \
  2>/dev/null) || exit 0; \
  folder=$${found\#* } abi=$${found%% *}; fi; \
  mkdir -p $(BUILD) && ln -sfn "$$(cd "$$folder" && pwd -P)" $(LINK) && echo "$$abi"
linked_abi := $(shell $(find_pytorch))
ROOT := $(if $(linked_abi),$(LINK),$(if $(wildcard /usr/include/ATen/ATen.h),/usr))
ifeq ($(ROOT),)
$(error no PyTorch found: install it for $(PYTHON), or unpack libtorch and set LIBTORCH to its folder, or \
  apt-get install -y libtorch-dev (only for CPUs))
endif
ABI := $(or $(linked_abi),1)
LIB := $(firstword $(dir $(wildcard $(ROOT)/lib/libtorch_cpu.so $(ROOT)/lib/*-linux-gnu/libtorch_cpu.so)))
ifeq ($(LIB),)
$(error $(ROOT) has no libtorch_cpu.so)
endif

# This is host code, and little of it: optimizing it more only takes longer. The newest PyTorch's headers need C++20.
CXXFLAGS := -O1 -std=c++20 -fPIC -fvisibility=hidden $(WARNINGS) -MMD -MP -I. $(ADDON_FLAGS) \
  -D_GLIBCXX_USE_CXX11_ABI=$(ABI) $(if $(filter-out /usr,$(ROOT)),-isystem "$(ROOT)/include") \
  -isystem "$(ROOT)/include/torch/csrc/api/include"
LDFLAGS = -shared -L$(LIB) -Xlinker -rpath -Xlinker "$$(cd $(LIB) && pwd -P)" -Wl,--no-as-needed
LDLIBS := -ltorch -ltorch_cpu -lc10 -lpthread

# CUDA graphs need CUDA's headers, from a toolkit or from the packages beside a PyTorch of pip; all else does without.
# CUDA_GRAPHS=0 builds without them: each kernel is then launched on its own, which makes small networks slower.
CUDA_GRAPHS ?= 1
ifneq ($(wildcard $(LIB)libtorch_cuda.so),)
LDLIBS := -ltorch_cuda -lc10_cuda $(LDLIBS)
CUDA_INCLUDES := $(wildcard $(CUDA_HOME)/include /usr/local/cuda/include $(ROOT)/../nvidia/*/include \
  $(ROOT)/../triton/backends/nvidia/include)
CUDA_FLAGS := $(CUDA_INCLUDES:%=-isystem %)
ifneq ($(CUDA_GRAPHS),0)
# The compiler's own message goes to the terminal. No include line is passed: make and the shell would quote its sign in
# ways that differ between versions of make.
ifneq ($(shell $(CXX) $(CXXFLAGS) -MF /dev/null $(CUDA_FLAGS) -fsyntax-only -include ATen/cuda/CUDAGraph.h \
  -x c++ /dev/null && echo yes),yes)
$(error this PyTorch has CUDA, but its CUDA graphs cannot be compiled (see the compiler's message above): set \
  CUDA_HOME to a toolkit with CUDA's headers, or set CUDA_GRAPHS=0 to build without graphs)
endif
CXXFLAGS += $(CUDA_FLAGS) -DTRAINYARD_CUDA_GRAPHS=1
endif
endif

SOURCES := $(ADDON_SOURCES) $(wildcard ops-torch/*.cpp)
OBJECTS := $(SOURCES:%.cpp=$(BUILD)/%.o)

all: $(TARGET)

$(TARGET): $(OBJECTS)
	$(CXX) $(LDFLAGS) -o $@.new $^ $(LDLIBS)
	mv $@.new $@

USED_FLAGS = $(CXX) $(subst ",,$(CXXFLAGS)) $(LDFLAGS)
# Changes when PyTorch or a flag does, so that objects of two PyTorches are never linked together.
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@echo "$(USED_FLAGS)" | cmp -s - $@ || echo "$(USED_FLAGS)" > $@

$(BUILD)/%.o: %.cpp torch.mk common.mk $(BUILD)/flags
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -c -o $@ $<

clean:
	rm -rf $(BUILD) $(TARGET)

.PHONY: all clean force
-include $(OBJECTS:.o=.d)
