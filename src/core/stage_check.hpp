#pragma once

#include <cstddef>
#include <cstdint>
#include <kusto/schema.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::core
{

/// An extent as the engine lists it.
struct staged_extent
{
    std::string id;
    std::uint64_t rows = 0;
    std::vector<std::string> tags;

    /// Whether `tag` is one of the tags, character by character.
    [[nodiscard]] bool has(std::string_view tag) const noexcept;
};

/// What is known of a stage that was filled.
class stage_verdict
{
public:
    enum class kind
    {
        complete,   ///< exactly the rows that were sealed
        incomplete, ///< fewer: wait, or post `missing` again
        excess,     ///< more, or something foreign: this stage cannot be moved
    };

    kind what = kind::incomplete;
    std::vector<std::size_t> missing;    ///< when incomplete: batches with too few rows, by index
    std::vector<std::string> extent_ids; ///< to be moved, when complete
    std::string why;                     ///< of an excess, for people
};

/// One batch's expectations.
struct expected_batch
{
    std::string tag; ///< its ingest-by tag, with prefix
    std::uint64_t rows = 0;
};

/// Compares a stage with what was sealed, batch by batch: Σ rows of the extents with a batch's tag.
/// (The service may make several extents of one blob; nothing is merged in a stage.)
///
/// Complete: every sum is what was sealed. Excess: a sum is larger, or an extent lacks the
/// checkpoint's tag, or has not exactly one of the batches' tags. Else incomplete; `missing` are
/// the batches whose sum is smaller. A batch without rows needs no extent.
/// \pre the batches' tags differ
[[nodiscard]] stage_verdict check_stage(std::span<expected_batch const> batches,
                                        std::string_view checkpoint_tag,
                                        std::span<staged_extent const> extents);

/// What the target table says about batches that go into it directly (protocol ingest-by).
class direct_verdict
{
public:
    std::vector<std::size_t> missing;    ///< no extent has the tag
    std::vector<std::size_t> duplicated; ///< more rows than were sealed
    std::vector<std::size_t> lacking;    ///< there alone, with fewer rows than were sealed
};

/// Extents may have been merged with those of other batches, of other checkpoints too: only the
/// presence of a tag proves something. The rows of extents whose only ingest-by tag is that of one
/// batch are added up; more than was sealed is a duplicate. A batch without rows is never missing.
/// \pre the batches' tags differ
[[nodiscard]] direct_verdict check_direct(std::span<expected_batch const> batches,
                                          std::span<staged_extent const> extents);

/// Where the table's columns contradict those of the records, for people; nothing if they agree:
/// same names, types and order.
[[nodiscard]] std::optional<std::string> compare_schemas(table_schema const& expected,
                                                         table_schema const& actual);

} // namespace kusto::core
