// SPDX-License-Identifier: Apache-2.0
//
// A certificate authority for a test, and the certificates that it issues, by the openssl command.
#ifndef ALIDADE_TESTS_SUPPORT_CERTIFICATES_H_
#define ALIDADE_TESTS_SUPPORT_CERTIFICATES_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace alidade::testing {

class CertificateAuthority {
 public:
  // Keeps its files in `folder`, which is there: NAME.ca.pem now, NAME.SUBJECT.{pem,key} later.
  CertificateAuthority(std::string folder, std::string name)
      : stem_(std::move(folder) + "/" + std::move(name)) {
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        std::filesystem::path(stem_).filename().string() + " -keyout " + stem_ + ".ca.key -out " +
        ca_file());
  }

  std::string ca_file() const { return stem_ + ".ca.pem"; }

  // Issues a certificate for the DNS name `name`, with a new key, into cert_file and key_file of
  // `subject`. Each file is replaced at once.
  void Issue(const std::string& subject, const std::string& name) const {
    const std::string fresh = stem_ + ".fresh";
    Run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + subject +
        " -keyout " + fresh + ".key -out " + fresh + ".csr");
    std::ofstream(fresh + ".ext") << "subjectAltName=DNS:" << name << "\n";
    Run("x509 -req -days 2 -CAcreateserial -in " + fresh + ".csr -extfile " + fresh + ".ext -CA " +
        ca_file() + " -CAkey " + stem_ + ".ca.key -out " + fresh + ".pem");
    std::filesystem::rename(fresh + ".key", key_file(subject));
    std::filesystem::rename(fresh + ".pem", cert_file(subject));
  }

  std::string cert_file(const std::string& subject) const { return stem_ + "." + subject + ".pem"; }
  std::string key_file(const std::string& subject) const { return stem_ + "." + subject + ".key"; }

 private:
  static void Run(const std::string& arguments) {
    const std::string command = "openssl " + arguments + " >/dev/null 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }

  const std::string stem_;
};

inline std::string ReadWhole(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_CERTIFICATES_H_
