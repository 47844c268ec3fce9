#include <core/recovery.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace kusto::core
{

namespace
{

constexpr std::string_view batch_prefix = "batch-";

failure damaged(std::string const& what)
{
    return failure(errc::ledger_damaged, stage::ledger,
                   what + "; restore the directory as it was, or remove it and go on from the "
                          "commit table with resume_from_commit_table(true)");
}

std::string name_of(sealed_checkpoint const& one)
{
    return "checkpoint " + std::to_string(one.id);
}

bool is_committed(sealed_checkpoint const& one) noexcept
{
    return one.state == checkpoint_state::committed;
}

bool is_batch_name(std::string_view name) noexcept
{
    return name.starts_with(batch_prefix) && name.find('/') == name.npos;
}

/// What contradicts itself in the row of a checkpoint that comes after `previous`.
std::optional<failure> check_row(ledger_contents const& ledger, sealed_checkpoint const& one,
                                 sealed_checkpoint const* previous)
{
    if (previous != nullptr && one.id <= previous->id)
        return damaged("the ledger has " + name_of(one) + " after " + name_of(*previous));
    if (previous != nullptr && is_committed(one) && !is_committed(*previous))
        return damaged("the ledger has " + name_of(one) + " as committed and " +
                       name_of(*previous) + " before it as not committed");
    if (one.attempt < 0)
        return damaged("the ledger has " + std::to_string(one.attempt) + " attempts of " +
                       name_of(one));
    if (one.id == 0 || one.id > ledger.last_sealed)
        return damaged("the ledger has " + name_of(one) + " and says that " +
                       std::to_string(ledger.last_sealed) + " was the last that was sealed");
    if (is_committed(one) != (one.id <= ledger.last_committed))
        return damaged("the ledger has " + name_of(one) + " as " +
                       std::string(to_string(one.state)) + " and says that " +
                       std::to_string(ledger.last_committed) + " was the last that was committed");
    if (one.id == ledger.last_sealed && ledger.last_position != one.position)
        return damaged("the ledger has two positions of " + name_of(one));
    return std::nullopt;
}

std::optional<failure> check_rows(ledger_contents const& ledger)
{
    if (ledger.last_committed > ledger.last_sealed)
        return damaged("the ledger has committed up to " + std::to_string(ledger.last_committed) +
                       " and sealed up to " + std::to_string(ledger.last_sealed));
    if (ledger.last_position.has_value() != (ledger.last_sealed != 0))
        return damaged("the ledger has sealed up to " + std::to_string(ledger.last_sealed) +
                       (ledger.last_position ? " and has a position" : " and has no position"));
    sealed_checkpoint const* previous = nullptr;
    auto expected = ledger.last_committed + 1;
    for (auto const& one : ledger.checkpoints)
    {
        if (auto wrong = check_row(ledger, one, previous))
            return wrong;
        previous = &one;
        if (is_committed(one))
            continue;
        if (one.id != expected)
            return damaged("the ledger lacks checkpoint " + std::to_string(expected));
        ++expected;
    }
    if (expected != ledger.last_sealed + 1)
        return damaged("the ledger lacks checkpoint " + std::to_string(expected));
    return std::nullopt;
}

class file_check
{
public:
    explicit file_check(std::vector<found_file> const& files)
    {
        for (auto const& file : files)
            sizes_.emplace(file.name, file.size);
    }

    std::optional<failure> check(sealed_checkpoint const& owner, sealed_batch const& batch)
    {
        auto const file = "the file '" + batch.file + "' of " + name_of(owner);
        if (!is_batch_name(batch.file))
            return damaged(file + " is not named like a batch file");
        if (!known_.insert(batch.file).second)
            return damaged(file + " is in the ledger twice");
        auto const found = sizes_.find(batch.file);
        if (found == sizes_.end())
            return damaged(file + " is missing");
        if (found->second != batch.compressed_bytes)
            return damaged(file + " has " + std::to_string(found->second) + " bytes instead of " +
                           std::to_string(batch.compressed_bytes));
        return std::nullopt;
    }

    [[nodiscard]] bool knows(std::string const& name) const { return known_.contains(name); }

private:
    std::map<std::string, std::uint64_t> sizes_;
    std::set<std::string> known_;
};

} // namespace

result<recovery_plan> plan_recovery(ledger_contents const& ledger,
                                    std::vector<found_file> const& files)
{
    if (auto wrong = check_rows(ledger))
        return std::move(*wrong);
    recovery_plan plan;
    file_check check(files);
    for (auto const& one : ledger.checkpoints)
    {
        if (is_committed(one))
        {
            plan.forget.push_back(one.id);
            continue;
        }
        for (auto const& batch : one.batches)
        {
            if (auto wrong = check.check(one, batch))
                return std::move(*wrong);
            plan.verify.push_back(batch);
        }
    }
    for (auto const& file : files)
        if (is_batch_name(file.name) && !check.knows(file.name))
            plan.remove.push_back(file.name);
    return plan;
}

ledger_age compare(ledger_contents const& ledger,
                   std::optional<committed_record> const& last) noexcept
{
    if (!last)
        return ledger_age::current;
    if (last->id > ledger.last_sealed)
        return ledger_age::outdated;
    if (last->id == ledger.last_sealed && ledger.last_position)
        return last->position == *ledger.last_position ? ledger_age::current : ledger_age::outdated;
    auto const same = std::find_if(ledger.checkpoints.begin(), ledger.checkpoints.end(),
                                   [&](auto const& one) { return one.id == last->id; });
    bool const other = same != ledger.checkpoints.end() && same->position != last->position;
    return other ? ledger_age::outdated : ledger_age::current;
}

} // namespace kusto::core
