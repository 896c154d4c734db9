// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/kernel_features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <net/if.h>
#include <sys/utsname.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace alidade::testing {

bool HasTcx() {
  LIBBPF_OPTS(bpf_prog_query_opts, query);
  return bpf_prog_query_opts(static_cast<int>(if_nametoindex("lo")), BPF_TCX_INGRESS, &query) == 0;
}

std::vector<std::string> TcMechanisms() {
  return HasTcx() ? std::vector<std::string>{"tcx", "clsact"} : std::vector<std::string>{"clsact"};
}

bool HasDropReasons() {
  btf* const kernel = btf__load_vmlinux_btf();
  const bool found = btf__find_by_name_kind(kernel, "skb_drop_reason", BTF_KIND_ENUM) > 0;
  btf__free(kernel);
  return found;
}

bool ShowsPagesOfDrops() {
  utsname names{};
  uname(&names);
  int major = 0, minor = 0;
  char dot = 0;
  std::istringstream(names.release) >> major >> dot >> minor;
  return std::pair(major, minor) >= std::pair(6, 12);
}

std::string ConntrackLookupPlace() {
  std::ifstream symbols("/proc/kallsyms");
  for (std::string line; std::getline(symbols, line);) {
    std::istringstream words(line);
    std::string address, kind, name, module;
    words >> address >> kind >> name >> module;
    if (name != "bpf_skb_ct_lookup") continue;
    return module.empty() ? "kernel" : module.substr(1, module.size() - 2);  // [module]
  }
  return {};
}

}  // namespace alidade::testing
