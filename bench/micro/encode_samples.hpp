#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <cstdint>
#include <kusto/record.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kusto::micro
{

/// Ten fields as services log them; about 190 bytes as CSV.
struct event
{
    std::chrono::system_clock::time_point when;
    std::string level;
    std::string host;
    std::int64_t session = 0;
    std::int32_t status = 0;
    double seconds = 0;
    bool cached = false;
    kusto::guid trace;
    std::optional<std::int64_t> bytes;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(event, (),
                      (when, level, host, session, status, seconds, cached, trace, bytes, message))

/// Seeded, so that each run measures the same.
[[nodiscard]] std::vector<event> make_events(std::size_t count);
/// Log-like CSV lines of about 240 bytes, without line ends.
[[nodiscard]] std::vector<std::string> make_lines(std::size_t count);

/// The lower bound: the event's fields with `std::to_chars`, tables of digits and `memcpy` into
/// memory that is large enough. Checks nothing: neither UTF-8, nor quotes, nor sizes, nor ranges.
/// \returns the end
char* format_unchecked(event const& e, char* out) noexcept;

} // namespace kusto::micro
