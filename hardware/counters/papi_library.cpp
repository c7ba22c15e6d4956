// libpapi through dlopen: a worker starts without it, and a machine without it gets a reason instead of a loader's error.
#include "hardware/counters/papi_library.hpp"

#include <fmt/format.h>

#ifdef ASSAY_HAVE_PAPI
#include <dlfcn.h>
#include <papi.h>

#include <cstring>
#endif

namespace assay::hardware {

#ifdef ASSAY_HAVE_PAPI

namespace {

static_assert(kPapiOk == PAPI_OK && kPapiInvalid == PAPI_EINVAL && kPapiConflict == PAPI_ECNFLCT &&
              kPapiPermission == PAPI_EPERM);

constexpr const char* kComponent = "perf_event";

std::string header_version() {
  return fmt::format("{}.{}", PAPI_VERSION_MAJOR(PAPI_VERSION), PAPI_VERSION_MINOR(PAPI_VERSION));
}

/// The functions by their names; which are missing is known only after `resolve`.
struct Functions {
  decltype(&PAPI_library_init) library_init = nullptr;
  decltype(&PAPI_shutdown) shutdown = nullptr;
  decltype(&PAPI_strerror) strerror = nullptr;
  decltype(&PAPI_num_components) num_components = nullptr;
  decltype(&PAPI_get_component_info) get_component_info = nullptr;
  decltype(&PAPI_get_component_index) get_component_index = nullptr;
  decltype(&PAPI_disable_component) disable_component = nullptr;
  decltype(&PAPI_event_name_to_code) event_name_to_code = nullptr;
  decltype(&PAPI_query_event) query_event = nullptr;
  decltype(&PAPI_create_eventset) create_eventset = nullptr;
  decltype(&PAPI_assign_eventset_component) assign_eventset_component = nullptr;
  decltype(&PAPI_set_opt) set_opt = nullptr;
  decltype(&PAPI_attach) attach = nullptr;
  decltype(&PAPI_add_event) add_event = nullptr;
  decltype(&PAPI_start) start = nullptr;
  decltype(&PAPI_stop) stop = nullptr;
  decltype(&PAPI_read) read = nullptr;
  decltype(&PAPI_cleanup_eventset) cleanup_eventset = nullptr;
  decltype(&PAPI_destroy_eventset) destroy_eventset = nullptr;

  /// The name of the first function that the library lacks; null: it has all.
  const char* resolve(void* library) {
    const char* missing = nullptr;
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      if (!function && !missing) missing = name;
    };
    find(library_init, "PAPI_library_init");
    find(shutdown, "PAPI_shutdown");
    find(strerror, "PAPI_strerror");
    find(num_components, "PAPI_num_components");
    find(get_component_info, "PAPI_get_component_info");
    find(get_component_index, "PAPI_get_component_index");
    find(disable_component, "PAPI_disable_component");
    find(event_name_to_code, "PAPI_event_name_to_code");
    find(query_event, "PAPI_query_event");
    find(create_eventset, "PAPI_create_eventset");
    find(assign_eventset_component, "PAPI_assign_eventset_component");
    find(set_opt, "PAPI_set_opt");
    find(attach, "PAPI_attach");
    find(add_event, "PAPI_add_event");
    find(start, "PAPI_start");
    find(stop, "PAPI_stop");
    find(read, "PAPI_read");
    find(cleanup_eventset, "PAPI_cleanup_eventset");
    find(destroy_eventset, "PAPI_destroy_eventset");
    return missing;
  }
};

/// The library stays loaded until the process ends: it may have left handlers behind.
class LoadedPapi final : public PapiLibrary {
 public:
  explicit LoadedPapi(const Functions& functions) : papi_(functions) {}
  LoadedPapi(const LoadedPapi&) = delete;
  LoadedPapi& operator=(const LoadedPapi&) = delete;
  ~LoadedPapi() override { papi_.shutdown(); }

  std::string version() const override { return header_version(); }
  std::string message(int status) const override {
    const char* text = papi_.strerror(status);
    return text ? text : fmt::format("status {}", status);
  }

  int initialise() override {
    for (int i = 0; i < papi_.num_components(); ++i) {
      const PAPI_component_info_t* info = papi_.get_component_info(i);
      if (info && std::strcmp(info->name, kComponent) != 0) papi_.disable_component(i);
    }
    const int answer = papi_.library_init(PAPI_VER_CURRENT);
    if (answer == PAPI_VER_CURRENT) return kPapiOk;
    return answer > 0 ? kPapiInvalid : answer;
  }
  int component() override { return papi_.get_component_index(kComponent); }
  std::string disabled_reason(int component) override {
    const PAPI_component_info_t* info = papi_.get_component_info(component);
    if (!info) return "unknown component";
    if (!info->disabled) return "";
    return info->disabled_reason[0] ? info->disabled_reason : message(info->disabled);
  }
  std::optional<int> event(const char* name) override {
    int code = 0;
    if (papi_.event_name_to_code(name, &code) != PAPI_OK || papi_.query_event(code) != PAPI_OK) return std::nullopt;
    return code;
  }

  int create(int& set) override {
    set = PAPI_NULL;
    return papi_.create_eventset(&set);
  }
  int assign(int set, int component) override { return papi_.assign_eventset_component(set, component); }
  int user_only(int set) override {
    PAPI_option_t option{};
    option.domain.eventset = set;
    option.domain.domain = PAPI_DOM_USER;
    return papi_.set_opt(PAPI_DOMAIN, &option);
  }
  int inherit(int set) override {
    PAPI_option_t option{};
    option.inherit.eventset = set;
    option.inherit.inherit = PAPI_INHERIT_ALL;
    return papi_.set_opt(PAPI_INHERIT, &option);
  }
  int attach(int set, pid_t thread) override { return papi_.attach(set, static_cast<unsigned long>(thread)); }
  int add(int set, int event) override { return papi_.add_event(set, event); }
  int start(int set) override { return papi_.start(set); }
  int read(int set, long long* values) override { return papi_.read(set, values); }
  void destroy(int set) override {
    papi_.stop(set, nullptr);  // refused if it wasn't running, which is as good
    papi_.cleanup_eventset(set);
    papi_.destroy_eventset(&set);
  }

 private:
  Functions papi_;
};

}  // namespace

Result<std::unique_ptr<PapiLibrary>> load_papi() {
  const std::string name = "libpapi.so." + header_version();
  void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) library = ::dlopen("libpapi.so", RTLD_NOW | RTLD_LOCAL);  // one built by hand; `initialise` compares versions
  if (!library) {
    return Error{fmt::format("PAPI: no {}; run: sudo apt-get install libpapi{}", name, header_version())};
  }
  Functions functions;
  if (const char* missing = functions.resolve(library)) {
    return Error{fmt::format("PAPI: libpapi.so has no {}; it is not PAPI {}", missing, header_version())};
  }
  return std::unique_ptr<PapiLibrary>(std::make_unique<LoadedPapi>(functions));
}

#else

Result<std::unique_ptr<PapiLibrary>> load_papi() {
  return Error{"PAPI: Assay was built without papi.h; run: sudo apt-get install libpapi-dev, and build it again"};
}

#endif

}  // namespace assay::hardware
