#include "reference_models/lenet5/onednn.hpp"

#ifdef ASSAY_HAS_ONEDNN
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>

namespace lenet5 {

namespace {

using dnnl::memory;
using Dims = memory::dims;

/// Asked of the OpenMP that oneDNN brought along, whether or not this program was compiled with one.
void set_threads(int threads) {
  static const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set) set(threads);
}

dnnl::primitive_attr with_relu() {
  dnnl::post_ops ops;
#if DNNL_VERSION_MAJOR >= 3
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
#else
  ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
#endif
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  return attributes;
}

/// What an output's sum is multiplied by; none in floats.
std::vector<float> scales_of(const IntegerLayer& layer) {
  std::vector<float> scales;
  for (std::size_t o = 0; o < layer.multiplier.size(); ++o) scales.push_back(std::ldexp(static_cast<float>(layer.multiplier[o]), -layer.shift[o]));
  return scales;
}

/// One layer's parameters as they are given, and what its primitive does with its sums.
struct Parameters {
  const void *weights, *bias;
  memory::data_type weight_type, bias_type;
  dnnl::primitive_attr attributes;
};

Parameters in_floats(const std::vector<float>& weights, const std::vector<float>& bias, bool relu) {
  return {weights.data(), bias.data(), memory::data_type::f32, memory::data_type::f32, relu ? with_relu() : dnnl::primitive_attr()};
}

#if DNNL_VERSION_MAJOR < 3
/// The results are bytes without a sign, so that what is below 0 becomes 0 without a ReLU.
Parameters in_integers(const IntegerLayer& layer, const std::vector<float>& scales) {
  dnnl::primitive_attr attributes;
  attributes.set_output_scales(scales.size() == 1 ? 0 : 1 << 1, scales);
  return {layer.weights.data(), layer.bias.data(), memory::data_type::s8, memory::data_type::s32, attributes};
}
#endif

class OneDnn : public Classifier {
 public:
#if DNNL_VERSION_MAJOR < 3
  OneDnn(const IntegerModel& m, const ClassifierSettings& settings) : batch_(settings.batch), type_(memory::data_type::u8), stored_type_(memory::data_type::s8) {
    begin(settings);
    dnnl::primitive_attr to_pixels;
    to_pixels.set_output_scales(0, {255.0F});
    memory pixels({{batch_, 1, kSide, kSide}, type_, memory::format_tag::nchw}, engine_);
    add(dnnl::reorder(dnnl::reorder::primitive_desc(last_, pixels, to_pixels)), {{DNNL_ARG_FROM, last_}, {DNNL_ARG_TO, pixels}});
    last_ = pixels;
    build(in_integers(m.conv1, scales_of(m.conv1)), in_integers(m.conv2, scales_of(m.conv2)), in_integers(m.fc1, scales_of(m.fc1)),
          in_integers(m.fc2, scales_of(m.fc2)), in_integers(m.fc3, {m.logit_scale}));
  }
  bool rounds_in_floats() const override { return type_ == memory::data_type::u8; }
#endif

  OneDnn(const Weights& w, const ClassifierSettings& settings)
      : batch_(settings.batch), type_(settings.precision == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32), stored_type_(type_) {
    begin(settings);
    build(in_floats(w.conv1, w.conv1_bias, true), in_floats(w.conv2, w.conv2_bias, true), in_floats(w.fc1, w.fc1_bias, true),
          in_floats(w.fc2, w.fc2_bias, true), in_floats(w.fc3, w.fc3_bias, false));
  }

  void classify(const float* images, float* logits) override {
    images_.set_data_handle(const_cast<float*>(images));
    logits_.set_data_handle(logits);
    for (const auto& [primitive, arguments] : steps_) primitive.execute(stream_, arguments);
    stream_.wait();
  }
  std::int64_t weight_bytes() const override { return weight_bytes_; }

 private:
  void begin(const ClassifierSettings& settings) {
    set_threads(settings.threads);
    images_ = memory({{batch_, 1, kSide, kSide}, memory::data_type::f32, memory::format_tag::nchw}, engine_, DNNL_MEMORY_NONE);
    logits_ = memory({{batch_, kClasses}, memory::data_type::f32, memory::format_tag::nc}, engine_, DNNL_MEMORY_NONE);
    last_ = images_;
  }
  void build(const Parameters& conv1, const Parameters& conv2, const Parameters& fc1, const Parameters& fc2, const Parameters& fc3) {
    const memory::data_type last_type = type_ == memory::data_type::u8 ? memory::data_type::f32 : type_;
    convolve(conv1, {batch_, kMaps1, kSide, kSide}, kPadding);
    largest_of_four({batch_, kMaps1, kSide1, kSide1});
    convolve(conv2, {batch_, kMaps2, 2 * kSide2, 2 * kSide2}, 0);
    largest_of_four({batch_, kMaps2, kSide2, kSide2});
    connect(fc1, {kHidden1, kMaps2, kSide2, kSide2}, type_);
    connect(fc2, {kHidden2, kHidden1}, type_);
    connect(fc3, {kClasses, kHidden2}, last_type);
    reorder_to(logits_);
  }

  using Arguments = std::unordered_map<int, memory>;

  memory::desc any(const Dims& dims, memory::data_type type) const { return {dims, type, memory::format_tag::any}; }

  void add(dnnl::primitive primitive, Arguments arguments) { steps_.emplace_back(std::move(primitive), std::move(arguments)); }

  /// The last result in another layout or type, unless it has them already.
  void reorder_to(const memory::desc& wanted) {
    if (last_.get_desc() == wanted) return;
    reorder_to(memory(wanted, engine_));
  }
  void reorder_to(const memory& to) {
    add(dnnl::reorder(last_, to), {{DNNL_ARG_FROM, last_}, {DNNL_ARG_TO, to}});
    last_ = to;
  }

  /// Values as PyTorch has them, reordered into what the primitive asks for.
  memory placed(const void* values, memory::data_type type, const Dims& dims, memory::format_tag tag, const memory::desc& wanted) {
    memory given({dims, type, tag}, engine_, const_cast<void*>(values));
    memory to(wanted, engine_);
    dnnl::reorder(given, to).execute(stream_, given, to);
    stream_.wait();
    weight_bytes_ += static_cast<std::int64_t>(wanted.get_size());
    return to;
  }
  static memory::desc bias_desc(const Parameters& p, memory::dim outputs) { return {{outputs}, p.bias_type, memory::format_tag::x}; }
  memory placed_bias(const Parameters& p, memory::dim outputs) { return placed(p.bias, p.bias_type, {outputs}, memory::format_tag::x, bias_desc(p, outputs)); }

  void convolve(const Parameters& p, const Dims& out, int padding) {
    const Dims in = last_.get_desc().dims(), kernel{out[1], in[1], kKernel, kKernel}, stride{1, 1}, border{padding, padding};
    using dnnl::convolution_forward;
#if DNNL_VERSION_MAJOR >= 3
    const convolution_forward::primitive_desc desc(engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto, any(in, type_),
                                                   any(kernel, stored_type_), bias_desc(p, out[1]), any(out, type_), stride, border, border, p.attributes);
#else
    const convolution_forward::primitive_desc desc({dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto, any(in, type_), any(kernel, stored_type_),
                                                    bias_desc(p, out[1]), any(out, type_), stride, border, border},
                                                   p.attributes, engine_);
#endif
    reorder_to(desc.src_desc());
    memory result(desc.dst_desc(), engine_);
    add(convolution_forward(desc), {{DNNL_ARG_SRC, last_},
                                    {DNNL_ARG_WEIGHTS, placed(p.weights, p.weight_type, kernel, memory::format_tag::oihw, desc.weights_desc())},
                                    {DNNL_ARG_BIAS, placed_bias(p, out[1])},
                                    {DNNL_ARG_DST, result}});
    last_ = result;
  }

  void largest_of_four(const Dims& out) {
    const Dims two{2, 2}, none{0, 0};
    using dnnl::pooling_forward;
#if DNNL_VERSION_MAJOR >= 3
    const pooling_forward::primitive_desc desc(engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, last_.get_desc(), any(out, type_),
                                               two, two, none, none, none);
#else
    const pooling_forward::primitive_desc desc({dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, last_.get_desc(), any(out, type_), two, two,
                                                none, none},
                                               engine_);
#endif
    memory result(desc.dst_desc(), engine_);
    add(pooling_forward(desc), {{DNNL_ARG_SRC, last_}, {DNNL_ARG_DST, result}});
    last_ = result;
  }

  void connect(const Parameters& p, const Dims& shape, memory::data_type out_type) {
    const Dims in = last_.get_desc().dims(), out{batch_, shape[0]};
    using dnnl::inner_product_forward;
#if DNNL_VERSION_MAJOR >= 3
    const inner_product_forward::primitive_desc desc(engine_, dnnl::prop_kind::forward_inference, any(in, type_), any(shape, stored_type_),
                                                     bias_desc(p, shape[0]), any(out, out_type), p.attributes);
#else
    const inner_product_forward::primitive_desc desc({dnnl::prop_kind::forward_inference, any(in, type_), any(shape, stored_type_), bias_desc(p, shape[0]), any(out, out_type)},
                                                     p.attributes, engine_);
#endif
    reorder_to(desc.src_desc());
    memory result(desc.dst_desc(), engine_);
    const auto tag = shape.size() == 4 ? memory::format_tag::oihw : memory::format_tag::oi;
    add(inner_product_forward(desc), {{DNNL_ARG_SRC, last_},
                                      {DNNL_ARG_WEIGHTS, placed(p.weights, p.weight_type, shape, tag, desc.weights_desc())},
                                      {DNNL_ARG_BIAS, placed_bias(p, shape[0])},
                                      {DNNL_ARG_DST, result}});
    last_ = result;
  }

  memory::dim batch_;
  memory::data_type type_, stored_type_;  // of activations, of weights
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  memory images_, logits_, last_;
  std::vector<std::pair<dnnl::primitive, Arguments>> steps_;
  std::int64_t weight_bytes_ = 0;
};

}  // namespace

Libraries onednn_libraries() {
  const dnnl_version_t& version = *dnnl_version();
  char text[64];
  std::snprintf(text, sizeof text, "%d.%d.%d isa 0x%x", version.major, version.minor, version.patch, static_cast<unsigned>(dnnl_get_effective_cpu_isa()));
  return {{"onednn", text}};
}

namespace {

template <class Source>
MadeClassifier made(const Source& source, const ClassifierSettings& settings) {
  if (const auto full = full_network_only("onednn", source.sizes); !full) return full.error();
  if (dnnl_version()->cpu_runtime != DNNL_RUNTIME_OMP) {
    return assay::Error{"this oneDNN was built without OpenMP, through which its threads are set; build with Debian's libdnnl-dev"};
  }
  try {
    return std::unique_ptr<Classifier>(std::make_unique<OneDnn>(source, settings));
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_unimplemented) return assay::Error{"oneDNN has no primitive for this precision on this processor"};
    throw;
  }
}

}  // namespace

MadeClassifier make_onednn(const Weights& weights, const ClassifierSettings& settings) {
  if (settings.precision == Precision::int8) return assay::Error{"oneDNN's int8 needs the integer model"};
  return made(weights, settings);
}

#if DNNL_VERSION_MAJOR < 3
MadeClassifier make_onednn(const IntegerModel& model, const ClassifierSettings& settings) {
#if defined(__x86_64__)
  if (dnnl_get_effective_cpu_isa() < dnnl_cpu_isa_avx512_core_vnni) {
    return assay::Error{"without VNNI oneDNN's products of two bytes may saturate: that is another model than this one"};
  }
#endif
  return made(model, settings);
}
#else
MadeClassifier make_onednn(const IntegerModel&, const ClassifierSettings&) {
  return assay::Error{"oneDNN 3 adds biases after scaling, in floats: that is another model than this one"};
}
#endif

}  // namespace lenet5
#else

namespace lenet5 {

Libraries onednn_libraries() { return {}; }

namespace {
const assay::Error kNone{"this build has no oneDNN; sudo apt-get install libdnnl-dev, then configure and build again"};
}  // namespace

MadeClassifier make_onednn(const Weights&, const ClassifierSettings&) { return kNone; }
MadeClassifier make_onednn(const IntegerModel&, const ClassifierSettings&) { return kNone; }

}  // namespace lenet5
#endif
