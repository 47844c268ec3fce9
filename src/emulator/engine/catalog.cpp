#include "catalog.hpp"

#include "calendar.hpp"

#include <algorithm>

namespace kusto::emulator::kql
{

namespace
{

constexpr std::string_view tag_separator = "\r\n";

} // namespace

std::vector<std::string> split_tags(std::string_view text)
{
    std::vector<std::string> tags;
    while (!text.empty())
    {
        std::size_t const end = std::min(text.find(tag_separator), text.size());
        tags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + tag_separator.size(), text.size()));
    }
    return tags;
}

std::string join_tags(std::vector<std::string> const& tags)
{
    std::string text;
    for (auto const& tag : tags)
    {
        if (!text.empty())
            text += tag_separator;
        text += tag;
    }
    return text;
}

std::uint64_t table::rows(std::int64_t now) const noexcept
{
    std::uint64_t total = 0;
    for (auto const& part : extents)
        if (part.visible(now))
            total += part.rows;
    return total;
}

std::optional<std::size_t> table::find_column(std::string_view column_name) const noexcept
{
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == column_name)
            return i;
    return std::nullopt;
}

stored_mapping const* table::find_mapping(std::string_view mapping_kind,
                                          std::string_view mapping_name) const noexcept
{
    for (auto const& mapping : mappings)
        if (mapping.kind == mapping_kind && mapping.name == mapping_name)
            return &mapping;
    return nullptr;
}

bool table::has_tag(std::string_view tag) const noexcept
{
    return std::any_of(
        extents.begin(), extents.end(),
        [&](extent const& part)
        { return std::find(part.tags.begin(), part.tags.end(), tag) != part.tags.end(); });
}

extent const* table::find_extent(std::string_view extent_id) const noexcept
{
    for (auto const& part : extents)
        if (part.id == extent_id)
            return &part;
    return nullptr;
}

catalog::catalog(std::string const& file, std::vector<std::string> databases,
                 engine_settings settings)
    : settings_(std::move(settings)),
      storage_(file),
      databases_(std::move(databases))
{
    check_layout();
    create_storage();
    load_tables();
    load_details();
    load_extents();
    load_failures();
}

std::int64_t catalog::now() const
{
    if (!settings_.now)
        return now_ticks();
    auto const since = settings_.now().time_since_epoch();
    return unix_epoch +
           std::chrono::duration_cast<
               std::chrono::duration<std::int64_t, std::ratio<1, ticks_per_second>>>(since)
               .count();
}

std::int64_t catalog::visibility_delay() const noexcept
{
    return settings_.extent_visibility_delay.count() * (ticks_per_second / 1000);
}

table* catalog::by_id(std::int64_t id) noexcept
{
    for (auto const& candidate : tables_)
        if (candidate->id == id)
            return candidate.get();
    return nullptr;
}

std::string const* catalog::find_database(std::string_view name) const noexcept
{
    for (auto const& database : databases_)
        if (same_text(database, name))
            return &database;
    return nullptr;
}

table* catalog::find_table(std::string_view database, std::string_view name) noexcept
{
    for (auto const& candidate : tables_)
        if (candidate->name == name && same_text(candidate->database, database))
            return candidate.get();
    return nullptr;
}

std::vector<table*> catalog::tables(std::string_view database)
{
    std::vector<table*> found;
    for (auto const& candidate : tables_)
        if (same_text(candidate->database, database))
            found.push_back(candidate.get());
    return found;
}

table& catalog::create_table(std::string const& database, std::string const& name, schema columns)
{
    auto created = std::make_unique<table>();
    created->database = database;
    created->name = name;
    created->columns = std::move(columns);
    transaction change(storage_);
    auto insert = storage_.prepare("INSERT INTO kusto_table(db, name, folder, docstring, hidden)"
                                   " VALUES(?, ?, '', '', 0)");
    insert.bind(1, database);
    insert.bind(2, name);
    insert.run();
    created->id = storage_.last_row_id();
    std::string definition = "r INTEGER PRIMARY KEY";
    for (std::size_t i = 0; i < created->columns.size(); ++i)
        definition += ", c" + std::to_string(i);
    storage_.execute("CREATE TABLE " + created->storage_name() + "(" + definition + ")");
    store_columns(*created, 0);
    change.commit();
    tables_.push_back(std::move(created));
    return *tables_.back();
}

void catalog::store_columns(table const& target, std::size_t first)
{
    auto insert = storage_.prepare("INSERT INTO kusto_column VALUES(?, ?, ?, ?)");
    for (std::size_t i = first; i < target.columns.size(); ++i)
    {
        insert.bind(1, target.id);
        insert.bind(2, static_cast<std::int64_t>(i));
        insert.bind(3, target.columns[i].name);
        insert.bind(4, kind_name(target.columns[i].type));
        insert.run();
    }
}

void catalog::add_columns(table& target, schema const& columns)
{
    std::size_t const first = target.columns.size();
    transaction change(storage_);
    table extended = target;
    for (auto const& added : columns)
    {
        storage_.execute("ALTER TABLE " + target.storage_name() + " ADD COLUMN c" +
                         std::to_string(extended.columns.size()));
        extended.columns.push_back(added);
    }
    store_columns(extended, first);
    change.commit();
    target.columns = std::move(extended.columns);
}

void catalog::set_properties(table& target, std::string folder, std::string docstring, bool hidden)
{
    auto update = storage_.prepare(
        "UPDATE kusto_table SET folder = ?, docstring = ?, hidden = ? WHERE id = ?");
    update.bind(1, folder);
    update.bind(2, docstring);
    update.bind(3, static_cast<std::int64_t>(hidden));
    update.bind(4, target.id);
    update.run();
    target.hidden = hidden;
    target.folder = std::move(folder);
    target.docstring = std::move(docstring);
}

void catalog::drop_table(table& target)
{
    transaction change(storage_);
    std::string const id = std::to_string(target.id);
    storage_.execute("DROP TABLE " + target.storage_name());
    for (char const* name :
         {"kusto_table", "kusto_column", "kusto_mapping", "kusto_policy", "kusto_extent"})
        storage_.execute("DELETE FROM " + std::string(name) + " WHERE id = " + id);
    change.commit();
    tables_.erase(std::find_if(tables_.begin(), tables_.end(),
                               [&](auto const& candidate) { return candidate.get() == &target; }));
}

void catalog::clear_table(table& target)
{
    transaction change(storage_);
    storage_.execute("DELETE FROM " + target.storage_name());
    storage_.execute("DELETE FROM kusto_extent WHERE id = " + std::to_string(target.id));
    change.commit();
    target.extents.clear();
}

void catalog::put_mapping(table& target, stored_mapping mapping)
{
    drop_mapping(target, mapping.kind, mapping.name);
    auto insert = storage_.prepare("INSERT INTO kusto_mapping VALUES(?, ?, ?, ?)");
    insert.bind(1, target.id);
    insert.bind(2, mapping.kind);
    insert.bind(3, mapping.name);
    insert.bind(4, mapping.text);
    insert.run();
    target.mappings.push_back(std::move(mapping));
}

bool catalog::drop_mapping(table& target, std::string_view mapping_kind, std::string_view name)
{
    auto const* found = target.find_mapping(mapping_kind, name);
    if (found == nullptr)
        return false;
    auto erase =
        storage_.prepare("DELETE FROM kusto_mapping WHERE id = ? AND kind = ? AND name = ?");
    erase.bind(1, target.id);
    erase.bind(2, mapping_kind);
    erase.bind(3, name);
    erase.run();
    target.mappings.erase(target.mappings.begin() + (found - target.mappings.data()));
    return true;
}

void catalog::put_policy(table& target, std::string const& policy, std::string const& text)
{
    drop_policy(target, policy);
    auto insert = storage_.prepare("INSERT INTO kusto_policy VALUES(?, ?, ?)");
    insert.bind(1, target.id);
    insert.bind(2, policy);
    insert.bind(3, text);
    insert.run();
    target.policies[policy] = text;
}

void catalog::drop_policy(table& target, std::string const& policy)
{
    auto erase = storage_.prepare("DELETE FROM kusto_policy WHERE id = ? AND name = ?");
    erase.bind(1, target.id);
    erase.bind(2, policy);
    erase.run();
    target.policies.erase(policy);
}

void catalog::put_database_policy(std::string const& database, std::string const& policy,
                                  std::string const& text)
{
    drop_database_policy(database, policy);
    auto insert = storage_.prepare("INSERT INTO kusto_database_policy VALUES(?, ?, ?)");
    insert.bind(1, database);
    insert.bind(2, policy);
    insert.bind(3, text);
    insert.run();
    database_policies_[database][policy] = text;
}

void catalog::drop_database_policy(std::string const& database, std::string const& policy)
{
    auto erase = storage_.prepare("DELETE FROM kusto_database_policy WHERE db = ? AND name = ?");
    erase.bind(1, database);
    erase.bind(2, policy);
    erase.run();
    database_policies_[database].erase(policy);
}

void catalog::add_failure(ingestion_failure failure)
{
    auto insert =
        storage_.prepare("INSERT INTO kusto_failure VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, failure.operation_id);
    insert.bind(2, failure.database);
    insert.bind(3, failure.table);
    insert.bind(4, failure.failed_on);
    insert.bind(5, failure.source_path);
    insert.bind(6, failure.details);
    insert.bind(7, failure.error_code);
    insert.bind(8, failure.failure_kind);
    insert.bind(9, failure.activity_id);
    insert.bind(10, static_cast<std::int64_t>(failure.should_retry));
    insert.run();
    failures_.push_back(std::move(failure));
}

} // namespace kusto::emulator::kql
