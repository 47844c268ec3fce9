#include <core/stage_check.hpp>

#include <algorithm>
#include <unordered_map>

namespace kusto::core
{

namespace
{

using batch_index = std::unordered_map<std::string_view, std::size_t>;

batch_index index_of(std::span<expected_batch const> batches)
{
    batch_index made;
    for (std::size_t i = 0; i < batches.size(); ++i)
        made.emplace(batches[i].tag, i);
    return made;
}

/// The batches whose tags an extent has, each once.
std::vector<std::size_t> batches_of(staged_extent const& extent, batch_index const& batches)
{
    std::vector<std::size_t> found;
    for (auto const& tag : extent.tags)
    {
        auto const known = batches.find(tag);
        if (known != batches.end())
            found.push_back(known->second);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

/// Whether an extent has an ingest-by tag other than `tag`: it was merged with another batch's.
bool has_other_batch(staged_extent const& extent, std::string_view tag)
{
    return std::any_of(extent.tags.begin(), extent.tags.end(),
                       [tag](std::string const& one)
                       { return one.starts_with("ingest-by:") && one != tag; });
}

stage_verdict excess(staged_extent const& extent, std::string const& why)
{
    stage_verdict verdict;
    verdict.what = stage_verdict::kind::excess;
    verdict.why = "extent " + extent.id + " " + why;
    return verdict;
}

std::string excess_of_rows(std::size_t batch, std::uint64_t rows)
{
    return "brings batch " + std::to_string(batch) + " above its " + std::to_string(rows) + " rows";
}

std::string described(column_schema const& column)
{
    return "\"" + column.name + "\" of type " + column.type;
}

} // namespace

bool staged_extent::has(std::string_view tag) const noexcept
{
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

stage_verdict check_stage(std::span<expected_batch const> batches, std::string_view checkpoint_tag,
                          std::span<staged_extent const> extents)
{
    auto const known = index_of(batches);
    std::vector<std::uint64_t> rows(batches.size());
    stage_verdict verdict;
    for (auto const& extent : extents)
    {
        if (!extent.has(checkpoint_tag))
            return excess(extent, "lacks the tag of the checkpoint");
        auto const found = batches_of(extent, known);
        if (found.size() != 1)
            return excess(extent, "has the tags of " + std::to_string(found.size()) +
                                      " batches of the checkpoint instead of 1");
        auto const batch = found.front();
        if (extent.rows > batches[batch].rows - rows[batch])
            return excess(extent, excess_of_rows(batch, batches[batch].rows));
        rows[batch] += extent.rows;
        verdict.extent_ids.push_back(extent.id);
    }
    for (std::size_t i = 0; i < batches.size(); ++i)
        if (rows[i] < batches[i].rows)
            verdict.missing.push_back(i);
    if (verdict.missing.empty())
        verdict.what = stage_verdict::kind::complete;
    else
        verdict.extent_ids.clear();
    return verdict;
}

direct_verdict check_direct(std::span<expected_batch const> batches,
                            std::span<staged_extent const> extents)
{
    auto const known = index_of(batches);
    std::vector<std::uint64_t> left;
    for (auto const& batch : batches)
        left.push_back(batch.rows);
    std::vector<char> present(batches.size(), 0);
    std::vector<char> duplicated(batches.size(), 0);
    std::vector<char> merged(batches.size(), 0);
    for (auto const& extent : extents)
    {
        for (auto const batch : batches_of(extent, known))
        {
            present[batch] = 1;
            if (has_other_batch(extent, batches[batch].tag))
            {
                merged[batch] = 1;
                continue;
            }
            if (extent.rows > left[batch])
                duplicated[batch] = 1;
            left[batch] -= (std::min)(left[batch], extent.rows);
        }
    }
    direct_verdict verdict;
    for (std::size_t i = 0; i < batches.size(); ++i)
    {
        if (present[i] == 0 && batches[i].rows != 0)
            verdict.missing.push_back(i);
        if (duplicated[i] != 0)
            verdict.duplicated.push_back(i);
        if (present[i] != 0 && merged[i] == 0 && left[i] != 0)
            verdict.lacking.push_back(i);
    }
    return verdict;
}

std::optional<std::string> compare_schemas(table_schema const& expected, table_schema const& actual)
{
    auto const common = (std::min)(expected.size(), actual.size());
    for (std::size_t i = 0; i < common; ++i)
    {
        if (expected[i] != actual[i])
            return "column " + std::to_string(i + 1) + " is " + described(actual[i]) +
                   " in the table and " + described(expected[i]) + " in the records";
    }
    if (expected.size() > common)
        return "the table lacks column " + std::to_string(common + 1) + " of the records, " +
               described(expected[common]);
    if (actual.size() > common)
        return "the records lack column " + std::to_string(common + 1) + " of the table, " +
               described(actual[common]);
    return std::nullopt;
}

} // namespace kusto::core
