// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/label_selector.h"
#include "agent/filter/label_source.h"
#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

bool Selects(const char* selector, std::initializer_list<const char*> labels) {
  const absl::StatusOr<LabelSelector> parsed = LabelSelector::Parse(selector);
  INFO("selector " << selector << " " << parsed.status());
  REQUIRE(parsed.ok());
  std::vector<LabelView> views;
  for (const char* label : labels) views.push_back(ParseLabel(label));
  return parsed->Matches(views);
}

TEST_CASE("a label selector ends where Kubernetes' parser sees its end", "[filter]") {
  using namespace std::string_view_literals;
  CHECK(LabelSelector::Parse("\0k8s:app=x"sv)->Matches({}));
  CHECK(!LabelSelector::Parse("\0app=x"sv).ok());
  CHECK(!LabelSelector::Parse("\0a=k8s:x"sv).ok());
  CHECK(!LabelSelector::Parse("!\0a"sv).ok());
}

TEST_CASE("sources of keys are spelt as Kubernetes' syntax has them", "[filter]") {
  const struct {
    const char* selector;
    const char* spelt;
  } cases[] = {
      {"", ""},
      {"a", "any.a"},
      {"k8s:a", "k8s.a"},
      {"k8s:a:b", "k8s.a:b"},
      {" !a , ! k8s:b=c", " !any.a , ! k8s.b=c"},
      {"a in (b,c:d),e:f", "any.a in (b,c:d),e.f"},
      {"a=b:c,", "any.a=b:c,"},
      {"\u2003k8s:a\u2003=x", "\u2003k8s.a\u2003=x"},
      {" ", " any."},
      {"=x,,", "any.=x,any.,"},
  };
  for (const auto& row : cases) CHECK(SpellLabelSources(row.selector) == row.spelt);
}

TEST_CASE("requirements of a label selector all hold", "[filter]") {
  const struct {
    const char* selector;
    std::initializer_list<const char*> labels;
    bool selects;
  } cases[] = {
      {"", {}, true},
      {"app", {"k8s:app=x"}, true},
      {"app=x", {"k8s:app=x"}, true},
      {" app == x ", {"k8s:app=x"}, true},
      {"app!=x", {"k8s:app=x"}, false},
      {"app!=x", {}, true},
      {"!app", {"k8s:app=x"}, false},
      {"!app", {}, true},
      {"app in (x,y)", {"k8s:app=y"}, true},
      {"app in ( x , y )", {"k8s:app=z"}, false},
      {"app in (,)", {"k8s:app"}, true},
      {"app in ()", {"k8s:app="}, true},
      {"app notin (x)", {}, true},
      {"app notin (x,y)", {"k8s:app=y"}, false},
      {"app=x,tier=db", {"k8s:app=x", "k8s:tier=db"}, true},
      {"app=x,tier=db", {"k8s:app=x", "k8s:tier=web"}, false},
      {"app=", {"k8s:app"}, true},
      {"app=,tier", {"k8s:app", "k8s:tier=1"}, true},
      {"tier>1,tier<3", {"k8s:tier=2"}, true},
      {"tier>2", {"k8s:tier=2"}, false},
      {"tier>1", {"k8s:tier=x"}, false},
      {"tier>1", {}, false},
      {"in", {"k8s:in=1"}, true},
      {"notin notin (notin)", {"k8s:notin=x"}, true},
      {"example.com/role=db", {"k8s:example.com/role=db"}, true},
      {"app\n=x", {"k8s:app=x"}, true},
  };
  for (const auto& one : cases) CHECK(Selects(one.selector, one.labels) == one.selects);
}

TEST_CASE("a key without a source is that of every source", "[filter]") {
  const struct {
    const char* selector;
    std::initializer_list<const char*> labels;
    bool selects;
  } cases[] = {
      {"app=x", {"container:app=x"}, true},
      {"any:app=x", {"container:app=x"}, true},
      {"k8s:app=x", {"container:app=x"}, false},
      {"k8s:app=x", {"any:app=x"}, false},
      {"reserved:world", {"reserved:world"}, true},
      {"world", {"reserved:world"}, true},
      {"reserved:world=", {"reserved:world"}, true},
      {"reserved:world!=", {"reserved:world"}, false},
      {"reserved:host", {"$host"}, true},
      {"reserved:host", {"reserved.host"}, true},
      {"unspec:app=x", {"app=x"}, true},
      {"unspec:app=x", {"k8s:app=x"}, true},
      {"k8s.app=x", {"k8s:app=x"}, false},
      {"k8s.app=x", {"k8s:k8s.app=x"}, true},
      // Of labels with one key only the first counts.
      {"app=y", {"a:app=x", "b:app=y"}, false},
      {"b:app=y", {"a:app=x", "b:app=y"}, true},
  };
  for (const auto& one : cases) CHECK(Selects(one.selector, one.labels) == one.selects);
}

TEST_CASE("a cidr key selects the prefixes inside it", "[filter]") {
  const struct {
    const char* selector;
    std::initializer_list<const char*> labels;
    bool selects;
  } cases[] = {
      {"cidr:10.0.0.0/8", {"cidr:10.0.0.0/24"}, true},
      {"cidr:10.0.0.0/24", {"cidr:10.0.0.0/8"}, false},
      {"cidr:10.0.0.7/24", {"cidr:10.0.0.1/32"}, true},
      {"cidr:11.0.0.0/8", {"cidr:10.0.0.0/24"}, false},
      {"cidr:0.0.0.0/0", {"cidr:2001-db8--1/128"}, false},
      {"cidr:10.0.0.0/8", {"k8s:10.0.0.0/24"}, false},
      {"10.0.0.0/24", {"cidr:10.0.0.0/24"}, true},
      {"10.0.0.0/8", {"cidr:10.0.0.0/24"}, false},
      {"!cidr:10.0.0.0/8", {"cidr:10.1.0.0/24"}, false},
      {"cidr:10.0.0.0/8=x", {"cidr:10.0.0.0/24"}, false},
      {"cidr:10.0.0.0/33", {"cidr:10.0.0.0/33"}, true},
  };
  for (const auto& one : cases) CHECK(Selects(one.selector, one.labels) == one.selects);
}

TEST_CASE("a malformed selector is refused with the parser's words", "[filter]") {
  const struct {
    const char* selector;
    const char* error;  // its beginning
  } cases[] = {
      {"a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"a in (b", "unable to parse requirement: found '', expected: ',' or ')'"},
      {"a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"},
      {"a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"},
      {"a notin", "unable to parse requirement: found '' expected: '('"},
      {"a,", "found '', expected: identifier after ','"},
      {"a=b c", "found 'c', expected: ',' or 'end of string'"},
      {"a=b=c", "found '=', expected: ',' or 'end of string'"},
      {"!a=b", "found '=', expected: ',' or 'end of string'"},
      {"a=!b", "unable to parse requirement: found '!', expected: identifier"},
      {"!!a", "unable to parse requirement: found '!', expected: identifier"},
      {"!", "unable to parse requirement: <nil>: Invalid value: \"any.\": name part must consist"},
      {" ", "unable to parse requirement: <nil>: Invalid value: \"any.\": name part"},
      {"(a)", "unable to parse requirement: <nil>: Invalid value: \"any.\": name part"},
      {"a/b/c", "unable to parse requirement: <nil>: Invalid value: \"any.a/b/c\": a valid label"},
      {"k8s:", "unable to parse requirement: <nil>: Invalid value: \"k8s.\": name part"},
      {"A_/b", "unable to parse requirement: <nil>: Invalid value: \"any.A_/b\": prefix part"},
      {"a=@", "unable to parse requirement: values[0][any.a]: Invalid value: \"@\": a valid label"},
      {"a>b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt'"},
      {"a>", "unable to parse requirement: values[0]: Invalid value: \"\": for 'Gt', 'Lt'"},
  };
  for (const auto& one : cases) {
    const absl::Status status = LabelSelector::Parse(one.selector).status();
    INFO(one.selector << " " << status);
    CHECK(AsView(status.message()).starts_with(one.error));
  }
  CHECK_FALSE(LabelSelector::Parse(std::string(64, 'k')).ok());
  CHECK_FALSE(LabelSelector::Parse("k=" + std::string(64, 'v')).ok());
  CHECK(LabelSelector::Parse("k=" + std::string(63, 'v')).ok());
  CHECK_FALSE(LabelSelector::Parse(std::string(250, 'p') + "/k").ok());
}

TEST_CASE("label filters look at the labels of their side", "[filter]") {
  const FilterCase cases[] = {
      {"source_label: 'app=x'", "source { labels: 'k8s:app=x' }", true},
      {"destination_label: 'app=x'", "source { labels: 'k8s:app=x' }", false},
      {"source_label: 'nope' source_label: 'app'", "source { labels: 'k8s:app=x' }", true},
      {"source_label: '!app'", "", true},
      {"node_labels: 'tier=2'", "node_labels: 'app=x' node_labels: 'tier=2'", true},
      {"node_labels: 'k8s:tier=2'", "node_labels: 'tier=2'", false},
  };
  CheckCases(cases);
  CHECK(ErrorOf("node_labels: 'a b'").starts_with("invalid node label filter: unable to parse"));
  CHECK(ErrorOf("destination_label: 'a,'") ==
        "invalid destination label filter: found '', expected: identifier after ','");
}

}  // namespace
}  // namespace alidade
