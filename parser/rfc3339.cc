// SPDX-License-Identifier: Apache-2.0
#include "parser/rfc3339.h"

#include "absl/strings/ascii.h"

namespace alidade {
namespace {

constexpr int64_t kMinSeconds = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z

// Reads from the front of a text; after a mismatch ok() stays false.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  bool StartsWithDigit(size_t offset = 0) const {
    return rest_.size() > offset && absl::ascii_isdigit(static_cast<unsigned char>(rest_[offset]));
  }

  int Digits(size_t count) {
    int value = 0;
    for (; count > 0 && ok_; --count) {
      ok_ = StartsWithDigit();
      if (ok_) value = value * 10 + (Take() - '0');
    }
    return value;
  }
  // Digits whose number must be between `low` and `high`.
  int Digits(size_t count, int low, int high) {
    const int value = Digits(count);
    ok_ = ok_ && value >= low && value <= high;
    return value;
  }
  void Expect(char c) { ok_ = ok_ && TakeIf(c); }
  bool TakeIf(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    Take();
    return true;
  }
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // The part of a second behind `.` or `,`, if there is one.
  int32_t Fraction() {
    const bool has_fraction = !rest_.empty() && (rest_.front() == '.' || rest_.front() == ',');
    if (!has_fraction || !StartsWithDigit(1)) return 0;
    Take();
    int32_t nanos = 0;
    for (int32_t unit = 100'000'000; StartsWithDigit(); unit /= 10) nanos += unit * (Take() - '0');
    return nanos;
  }

  // Seconds east of UTC.
  int64_t Zone() {
    if (TakeIf('Z')) return 0;
    const bool is_east = TakeIf('+');
    if (!is_east) Expect('-');
    const int64_t hours = Digits(2, 0, 24);
    Expect(':');
    const int64_t minutes = Digits(2, 0, 60);
    const int64_t seconds = hours * 3600 + minutes * 60;
    return is_east ? seconds : -seconds;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysIn(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar.
int64_t DaysSinceEpoch(int year, int month, int day) {
  constexpr int64_t kDaysTo1970 = 719162;  // from 0001-01-01
  const int64_t before = year - 1;
  int64_t days = before * 365 + before / 4 - before / 100 + before / 400;
  if (before < 0) days = -366;  // the year 0
  for (int m = 1; m < month; ++m) days += DaysIn(year, m);
  return days + day - 1 - kDaysTo1970;
}

}  // namespace

std::optional<int64_t> UnixNanos(const UnixTime& time) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  constexpr int64_t kMostSeconds = 9'223'372'035;
  if (time.seconds > kMostSeconds || time.seconds < -kMostSeconds) return std::nullopt;
  return time.seconds * kNsPerSecond + time.nanos;
}

std::optional<UnixTime> ParseRfc3339(std::string_view text) {
  Reader reader(text);
  const int year = reader.Digits(4);
  reader.Expect('-');
  const int month = reader.Digits(2, 1, 12);
  reader.Expect('-');
  if (!reader.ok()) return std::nullopt;
  const int day = reader.Digits(2, 1, DaysIn(year, month));
  reader.Expect('T');
  // Go, whose times these are, takes an hour of one digit too.
  const int64_t hour = reader.Digits(reader.StartsWithDigit(1) ? 2 : 1, 0, 23);
  reader.Expect(':');
  const int64_t minute = reader.Digits(2, 0, 59);
  reader.Expect(':');
  const int second = reader.Digits(2, 0, 59);
  if (!reader.ok()) return std::nullopt;
  UnixTime time;
  time.nanos = reader.Fraction();
  time.seconds =
      DaysSinceEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - reader.Zone();
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  if (time.seconds < kMinSeconds || time.seconds > kMaxSeconds) return std::nullopt;
  return time;
}

}  // namespace alidade
