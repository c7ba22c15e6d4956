#include "reference_models/lenet5/onednn.hpp"

#ifdef ASSAY_HAS_ONEDNN
#include <dlfcn.h>

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

class OneDnn : public Classifier {
 public:
  OneDnn(const Weights& w, const ClassifierSettings& settings)
      : batch_(settings.batch), type_(settings.precision == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32) {
    set_threads(settings.threads);
    images_ = memory({{batch_, 1, kSide, kSide}, memory::data_type::f32, memory::format_tag::nchw}, engine_, DNNL_MEMORY_NONE);
    logits_ = memory({{batch_, kClasses}, memory::data_type::f32, memory::format_tag::nc}, engine_, DNNL_MEMORY_NONE);
    last_ = images_;
    convolve(w.conv1, w.conv1_bias, {batch_, kMaps1, kSide, kSide}, kPadding);
    largest_of_four({batch_, kMaps1, kSide1, kSide1});
    convolve(w.conv2, w.conv2_bias, {batch_, kMaps2, 2 * kSide2, 2 * kSide2}, 0);
    largest_of_four({batch_, kMaps2, kSide2, kSide2});
    connect(w.fc1, w.fc1_bias, {kHidden1, kMaps2, kSide2, kSide2}, true);
    connect(w.fc2, w.fc2_bias, {kHidden2, kHidden1}, true);
    connect(w.fc3, w.fc3_bias, {kClasses, kHidden2}, false);
    reorder_to(logits_);
  }

  void classify(const float* images, float* logits) override {
    images_.set_data_handle(const_cast<float*>(images));
    logits_.set_data_handle(logits);
    for (const auto& [primitive, arguments] : steps_) primitive.execute(stream_, arguments);
    stream_.wait();
  }
  std::int64_t weight_bytes() const override { return weight_bytes_; }

 private:
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

  /// Weights as PyTorch has them, reordered into what the primitive asks for.
  memory placed(const std::vector<float>& values, const Dims& dims, memory::format_tag tag, const memory::desc& wanted) {
    memory given({dims, memory::data_type::f32, tag}, engine_, const_cast<float*>(values.data()));
    memory to(wanted, engine_);
    dnnl::reorder(given, to).execute(stream_, given, to);
    stream_.wait();
    weight_bytes_ += static_cast<std::int64_t>(wanted.get_size());
    return to;
  }
  memory placed_bias(const std::vector<float>& values) {
    const memory::desc desc({static_cast<memory::dim>(values.size())}, memory::data_type::f32, memory::format_tag::x);
    return placed(values, {static_cast<memory::dim>(values.size())}, memory::format_tag::x, desc);
  }

  void convolve(const std::vector<float>& weights, const std::vector<float>& bias, const Dims& out, int padding) {
    const Dims in = last_.get_desc().dims(), kernel{out[1], in[1], kKernel, kKernel}, stride{1, 1}, border{padding, padding};
    const memory::desc bias_desc({out[1]}, memory::data_type::f32, memory::format_tag::x);
    using dnnl::convolution_forward;
#if DNNL_VERSION_MAJOR >= 3
    const convolution_forward::primitive_desc desc(engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto, any(in, type_),
                                                   any(kernel, type_), bias_desc, any(out, type_), stride, border, border, with_relu());
#else
    const convolution_forward::primitive_desc desc({dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_auto, any(in, type_), any(kernel, type_),
                                                    bias_desc, any(out, type_), stride, border, border},
                                                   with_relu(), engine_);
#endif
    reorder_to(desc.src_desc());
    memory result(desc.dst_desc(), engine_);
    add(convolution_forward(desc), {{DNNL_ARG_SRC, last_},
                                    {DNNL_ARG_WEIGHTS, placed(weights, kernel, memory::format_tag::oihw, desc.weights_desc())},
                                    {DNNL_ARG_BIAS, placed_bias(bias)},
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

  void connect(const std::vector<float>& weights, const std::vector<float>& bias, const Dims& shape, bool relu) {
    const Dims in = last_.get_desc().dims(), out{batch_, shape[0]};
    const memory::desc bias_desc({shape[0]}, memory::data_type::f32, memory::format_tag::x);
    const dnnl::primitive_attr attributes = relu ? with_relu() : dnnl::primitive_attr();
    using dnnl::inner_product_forward;
#if DNNL_VERSION_MAJOR >= 3
    const inner_product_forward::primitive_desc desc(engine_, dnnl::prop_kind::forward_inference, any(in, type_), any(shape, type_), bias_desc,
                                                     any(out, type_), attributes);
#else
    const inner_product_forward::primitive_desc desc({dnnl::prop_kind::forward_inference, any(in, type_), any(shape, type_), bias_desc, any(out, type_)},
                                                     attributes, engine_);
#endif
    reorder_to(desc.src_desc());
    memory result(desc.dst_desc(), engine_);
    const auto tag = shape.size() == 4 ? memory::format_tag::oihw : memory::format_tag::oi;
    add(inner_product_forward(desc), {{DNNL_ARG_SRC, last_},
                                      {DNNL_ARG_WEIGHTS, placed(weights, shape, tag, desc.weights_desc())},
                                      {DNNL_ARG_BIAS, placed_bias(bias)},
                                      {DNNL_ARG_DST, result}});
    last_ = result;
  }

  memory::dim batch_;
  memory::data_type type_;
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

MadeClassifier make_onednn(const Weights& weights, const ClassifierSettings& settings) {
  if (settings.precision == Precision::int8) return assay::Error{"oneDNN computes in fp32 and bf16 here, so far"};
  if (dnnl_version()->cpu_runtime != DNNL_RUNTIME_OMP) {
    return assay::Error{"this oneDNN was built without OpenMP, through which its threads are set; build with Debian's libdnnl-dev"};
  }
  try {
    return std::unique_ptr<Classifier>(std::make_unique<OneDnn>(weights, settings));
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_unimplemented) return assay::Error{"oneDNN has no primitive for this precision on this processor"};
    throw;
  }
}

}  // namespace lenet5
#else

namespace lenet5 {

Libraries onednn_libraries() { return {}; }

MadeClassifier make_onednn(const Weights&, const ClassifierSettings&) {
  return assay::Error{"this build has no oneDNN; sudo apt-get install libdnnl-dev, then configure and build again"};
}

}  // namespace lenet5
#endif
