// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/function_names.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <utility>

namespace alidade {
namespace {

std::string ReadAll(int fd) {
  std::string text;
  if (lseek(fd, 0, SEEK_SET) != 0) return text;
  char block[65536];
  ssize_t size;
  while ((size = read(fd, block, sizeof(block))) > 0) text.append(block, static_cast<size_t>(size));
  return text;
}

}  // namespace

FunctionNames::FunctionNames(const std::string& symbols_file, std::string modules_file)
    : modules_file_(std::move(modules_file)),
      file_(open(symbols_file.c_str(), O_RDONLY | O_CLOEXEC)),
      // Before the symbols: a module that comes between is told as a new one.
      modules_(LoadedModules()),
      symbols_(KernelSymbols::FromText(ReadAll(file_.get()))) {}

std::string_view FunctionNames::NameOf(uint64_t address) {
  const auto known = found_.find(address);
  if (known != found_.end()) return known->second;
  if (symbols_.size() == 0 || found_.size() >= kMaxFound) return symbols_.Find(address);

  std::set<std::string> modules = LoadedModules();
  if (modules != modules_) {
    KernelSymbols fresh = KernelSymbols::FromText(ReadAll(file_.get()));
    if (fresh.size() != 0) symbols_ = std::move(fresh);
    modules_ = std::move(modules);
  }
  return found_.emplace(address, symbols_.Find(address)).first->second;
}

std::set<std::string> FunctionNames::LoadedModules() const {
  std::set<std::string> names;
  std::ifstream file(modules_file_);
  // `name size references users state address`
  for (std::string line; std::getline(file, line);) names.insert(line.substr(0, line.find(' ')));
  return names;
}

}  // namespace alidade
