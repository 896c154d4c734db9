// SPDX-License-Identifier: Apache-2.0
//
// Every field group of flow.FlowFilter. A new filter is a file with its Compile function, a
// declaration and a row here.
#include "agent/filter/predicate.h"

namespace alidade {

#define ALIDADE_FIELD_GROUP(name) \
  absl::Status Compile##name(const flow::FlowFilter&, const NodeIdentity&, PredicateList*)
ALIDADE_FIELD_GROUP(Uuid);
ALIDADE_FIELD_GROUP(EventType);
ALIDADE_FIELD_GROUP(Verdict);
ALIDADE_FIELD_GROUP(DropReason);
ALIDADE_FIELD_GROUP(Reply);
ALIDADE_FIELD_GROUP(Encrypted);
ALIDADE_FIELD_GROUP(Identity);
ALIDADE_FIELD_GROUP(Protocol);
ALIDADE_FIELD_GROUP(Ip);
ALIDADE_FIELD_GROUP(Pod);
ALIDADE_FIELD_GROUP(Workload);
ALIDADE_FIELD_GROUP(Service);
ALIDADE_FIELD_GROUP(Fqdn);
ALIDADE_FIELD_GROUP(Label);
ALIDADE_FIELD_GROUP(Port);
ALIDADE_FIELD_GROUP(Http);
ALIDADE_FIELD_GROUP(TcpFlags);
ALIDADE_FIELD_GROUP(NodeName);
ALIDADE_FIELD_GROUP(ClusterName);
ALIDADE_FIELD_GROUP(IpVersion);
ALIDADE_FIELD_GROUP(TraceId);
ALIDADE_FIELD_GROUP(TrafficDirection);
ALIDADE_FIELD_GROUP(Cel);
ALIDADE_FIELD_GROUP(Interface);
ALIDADE_FIELD_GROUP(IpTraceId);
#undef ALIDADE_FIELD_GROUP

namespace {

constexpr FieldGroup kFieldGroups[] = {
    {"uuid", CompileUuid},
    {"event_type", CompileEventType},
    {"verdict", CompileVerdict},
    {"drop_reason_desc", CompileDropReason},
    {"reply", CompileReply},
    {"encrypted", CompileEncrypted},
    {"identity", CompileIdentity},
    {"protocol", CompileProtocol},
    {"ip", CompileIp},
    {"pod", CompilePod},
    {"workload", CompileWorkload},
    {"service", CompileService},
    {"fqdn", CompileFqdn},
    {"label", CompileLabel},
    {"port", CompilePort},
    {"http", CompileHttp},
    {"tcp_flags", CompileTcpFlags},
    {"node_name", CompileNodeName},
    {"cluster_name", CompileClusterName},
    {"ip_version", CompileIpVersion},
    {"trace_id", CompileTraceId},
    {"traffic_direction", CompileTrafficDirection},
    {"cel_expression", CompileCel},
    {"interface", CompileInterface},
    {"ip_trace_id", CompileIpTraceId},
};

}  // namespace

std::span<const FieldGroup> FieldGroups() { return kFieldGroups; }

}  // namespace alidade
