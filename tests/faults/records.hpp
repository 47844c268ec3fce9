#pragma once

// The records that go through a sink under faults: each proves by itself that it is undamaged.

#include <cstddef>
#include <cstdint>
#include <kusto/undelivered.hpp>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace kusto::faults
{

/// Command that makes the table.
inline constexpr std::string_view create_table =
    ".create table Soak (id: long, check: long, text: string)";
inline constexpr std::string_view table_name = "Soak";
inline constexpr std::string_view database_name = "NetDefaultDB";

using id_set = std::set<std::int64_t>;

/// `size` letters and digits that depend on `salt` and `id` and do not compress below 60 %.
[[nodiscard]] std::string text_of(std::uint64_t salt, std::int64_t id, std::size_t size);

/// A checksum over salt, id and text.
[[nodiscard]] std::int64_t check_of(std::uint64_t salt, std::int64_t id, std::string_view text);

/// What a sink is given for `id`.
[[nodiscard]] std::tuple<std::int64_t, std::int64_t, std::string>
record_of(std::uint64_t salt, std::int64_t id, std::size_t size);

/// Records found somewhere: how often each id, and how many are not ours or damaged.
class found_records
{
public:
    /// One record; counted as foreign when its checksum is wrong.
    void add(std::uint64_t salt, std::int64_t id, std::int64_t check, std::string_view text);
    /// CSV lines as the sink encodes them.
    void add_csv(std::uint64_t salt, std::string_view lines);
    /// The v1 answer to a query of the whole table. \throws std::exception when it is not one
    void add_answer(std::uint64_t salt, std::string_view json);

    [[nodiscard]] std::uint64_t total() const noexcept;
    [[nodiscard]] id_set ids() const;

    std::map<std::int64_t, std::uint64_t> times;
    std::uint64_t foreign = 0;
};

/// The text in a gzip stream. \throws std::runtime_error if it is damaged or cut off
[[nodiscard]] std::string gunzip(std::span<std::byte const> stream);
[[nodiscard]] std::string gunzip(std::vector<std::span<std::byte const>> const& pieces);

} // namespace kusto::faults
