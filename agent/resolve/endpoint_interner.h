// SPDX-License-Identifier: Apache-2.0
//
// Makes Endpoints: equal contents get one object and one handle for the life of the process, so
// that stored flows may name an endpoint by handle after the snapshot that knew it is gone.
#ifndef ALIDADE_AGENT_RESOLVE_ENDPOINT_INTERNER_H_
#define ALIDADE_AGENT_RESOLVE_ENDPOINT_INTERNER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "parser/endpoint.h"

namespace alidade {

// Thread: one thread uses an object; the endpoints it made may be read by any.
class EndpointInterner {
 public:
  // The endpoint with exactly these contents.
  std::shared_ptr<const Endpoint> Intern(const EndpointInfo& info);

 private:
  // Keyed by the encoding, which is all of an endpoint's contents. An entry nobody holds any more
  // is dropped when the table has doubled; its handle is never used again.
  std::map<std::string, std::weak_ptr<const Endpoint>> endpoints_;
  size_t sweep_at_ = 1024;
  uint32_t last_handle_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_ENDPOINT_INTERNER_H_
