#include "catalog.hpp"

#include <algorithm>
#include <base/guid.hpp>

namespace kusto::emulator::kql
{

namespace
{

void forget(table& owner, std::string_view id)
{
    owner.extents.erase(std::find_if(owner.extents.begin(), owner.extents.end(),
                                     [&](extent const& part) { return part.id == id; }));
}

extent_change change_of(table const& owner, extent const& part)
{
    extent_change change;
    change.original = part.id;
    change.tags = part.tags;
    change.created = part.created;
    change.table_name = owner.name;
    return change;
}

bool any_of(std::vector<std::string> const& tags, std::string const& tag)
{
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

} // namespace

void catalog::store_extent(table const& target, extent const& added)
{
    std::string const tags = join_tags(added.tags);
    auto insert = storage_.prepare("INSERT INTO kusto_extent VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, target.id);
    insert.bind(2, added.id);
    insert.bind(3, static_cast<std::int64_t>(added.rows));
    insert.bind(4, static_cast<std::int64_t>(added.bytes));
    insert.bind(5, tags);
    insert.bind(6, added.created);
    insert.bind(7, added.source);
    insert.bind(8, added.first);
    insert.bind(9, added.visible_from);
    insert.run();
}

/// \returns the key of the first row in `to`
std::int64_t catalog::copy_rows(table const& from, extent const& which, table const& to)
{
    if (which.rows == 0)
        return 0;
    std::string into;
    std::string what;
    for (std::size_t i = 0; i < from.columns.size(); ++i)
    {
        auto const target = to.find_column(from.columns[i].name);
        if (!target)
            continue;
        into += (into.empty() ? "c" : ", c") + std::to_string(*target);
        what += (what.empty() ? "c" : ", c") + std::to_string(i);
    }
    auto copy =
        storage_.prepare("INSERT INTO " + to.storage_name() + "(" + into + ") SELECT " + what +
                         " FROM " + from.storage_name() + " WHERE r BETWEEN ? AND ? ORDER BY r");
    auto const rows = static_cast<std::int64_t>(which.rows);
    copy.bind(1, which.first);
    copy.bind(2, which.first + rows - 1);
    copy.run();
    // SQLite gives the keys behind the largest one, in order.
    return storage_.last_row_id() - rows + 1;
}

void catalog::erase_rows(table const& target, extent const& which)
{
    auto erase =
        storage_.prepare("DELETE FROM " + target.storage_name() + " WHERE r BETWEEN ? AND ?");
    erase.bind(1, which.first);
    erase.bind(2, which.first + static_cast<std::int64_t>(which.rows) - 1);
    erase.run();
}

void catalog::erase_extent(extent const& which)
{
    auto erase = storage_.prepare("DELETE FROM kusto_extent WHERE extent = ?");
    erase.bind(1, which.id);
    erase.run();
}

std::vector<extent_change> catalog::move_extents(std::vector<extent_place> const& which, table& to)
{
    std::vector<extent_change> changes;
    std::vector<extent> arrived;
    transaction change(storage_);
    for (auto const& [owner, id] : which)
    {
        extent const& original = *owner->find_extent(id);
        extent moved = original;
        moved.id = base::guid::random().to_string();
        moved.first = copy_rows(*owner, original, to);
        erase_rows(*owner, original);
        erase_extent(original);
        store_extent(to, moved);
        changes.push_back(change_of(*owner, original));
        changes.back().result = moved.id;
        arrived.push_back(std::move(moved));
    }
    change.commit();
    for (auto const& [owner, id] : which)
        forget(*owner, id);
    for (auto& moved : arrived)
        to.extents.push_back(std::move(moved));
    return changes;
}

std::vector<extent_change> catalog::drop_extents(std::vector<extent_place> const& which)
{
    std::vector<extent_change> changes;
    transaction change(storage_);
    for (auto const& [owner, id] : which)
    {
        extent const& original = *owner->find_extent(id);
        erase_rows(*owner, original);
        erase_extent(original);
        changes.push_back(change_of(*owner, original));
    }
    change.commit();
    for (auto const& [owner, id] : which)
        forget(*owner, id);
    return changes;
}

std::vector<extent_change> catalog::drop_tags(table& target, std::vector<std::string> const& tags,
                                              creation_range const& created)
{
    std::vector<extent_change> changes;
    auto changed = target.extents;
    std::int64_t const time = now();
    transaction change(storage_);
    for (auto& part : changed)
    {
        bool const has =
            std::any_of(tags.begin(), tags.end(),
                        [&](std::string const& tag) { return any_of(part.tags, tag); });
        if (!has || !part.visible(time) || !created.contains(part.created))
            continue;
        changes.push_back(change_of(target, part));
        erase_extent(part);
        part.id = base::guid::random().to_string();
        part.tags.erase(std::remove_if(part.tags.begin(), part.tags.end(),
                                       [&](std::string const& tag) { return any_of(tags, tag); }),
                        part.tags.end());
        store_extent(target, part);
        changes.back().result = part.id;
        changes.back().tags = part.tags;
    }
    change.commit();
    target.extents = std::move(changed);
    return changes;
}

} // namespace kusto::emulator::kql
