#pragma once

#include <chrono>
#include <cstdint>
#include <kusto/options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::options
{

/// Collects what is wrong with a set of options.
class problem_list
{
public:
    void add(std::string name, std::string value, std::string allowed);
    void check_range(std::string_view name, std::uint64_t value, std::uint64_t least,
                     std::uint64_t most);
    void check_range(std::string_view name, std::chrono::milliseconds value,
                     std::chrono::milliseconds least, std::chrono::milliseconds most);
    /// The same, or 0, which stands for something that the option's documentation tells.
    void check_range_or_zero(std::string_view name, std::chrono::milliseconds value,
                             std::chrono::milliseconds least, std::chrono::milliseconds most);
    void check_retry(retry_options const& retry);
    /// The rules for names of databases and tables.
    void check_name(std::string_view option, std::string_view name);

    [[nodiscard]] std::vector<option_problem> take() { return std::move(problems_); }

private:
    std::vector<option_problem> problems_;
};

/// What the options are for.
enum class sink_kind
{
    batching,
    write_ahead,
};

/// What is wrong with the options of a sink. Those that a write-ahead sink does not offer are
/// `write_ahead_options`' to refuse.
[[nodiscard]] problem_list write_problems(write_options const& given, sink_kind kind);

/// `250 ms`, `10 s`, `5 min`, `24 h`: the largest unit that is exact.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
/// `100 bytes`, `64 KiB`, `4 GiB`: the largest unit that is exact.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// A URL as it may be shown: without what may be a secret (query, user information, anything after
/// `;`).
[[nodiscard]] std::string shown_url(std::string_view text);
/// Text without control characters, shortened, in quotes.
[[nodiscard]] std::string shown_text(std::string_view text);
[[nodiscard]] bool has_control_characters(std::string_view text) noexcept;

} // namespace kusto::options
