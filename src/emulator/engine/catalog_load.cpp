#include "catalog.hpp"

#include <stdexcept>

namespace kusto::emulator::kql
{

namespace
{

/// Changes with the tables below and with the columns of what holds the rows.
constexpr std::int64_t layout = 2;

} // namespace

void catalog::check_layout()
{
    auto known = storage_.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'kusto_table'");
    auto version = storage_.prepare("PRAGMA user_version");
    static_cast<void>(known.step());
    static_cast<void>(version.step());
    bool const used = known.integer(0) != 0;
    if (used && version.integer(0) != layout)
        throw std::runtime_error("the file was written by another version of the local cluster, "
                                 "which this one cannot read");
    known.reset();
    version.reset();
    storage_.execute("PRAGMA user_version = " + std::to_string(layout));
}

void catalog::create_storage()
{
    storage_.execute(
        "CREATE TABLE IF NOT EXISTS kusto_table(id INTEGER PRIMARY KEY, db TEXT, name TEXT,"
        " folder TEXT, docstring TEXT, hidden INTEGER);"
        "CREATE TABLE IF NOT EXISTS kusto_column(id INTEGER, ordinal INTEGER, name TEXT, type "
        "TEXT);"
        "CREATE TABLE IF NOT EXISTS kusto_mapping(id INTEGER, kind TEXT, name TEXT, body TEXT);"
        "CREATE TABLE IF NOT EXISTS kusto_policy(id INTEGER, name TEXT, body TEXT);"
        "CREATE TABLE IF NOT EXISTS kusto_database_policy(db TEXT, name TEXT, body TEXT);"
        "CREATE TABLE IF NOT EXISTS kusto_extent(id INTEGER, extent TEXT UNIQUE, nrows INTEGER,"
        " nbytes INTEGER, tags TEXT, created INTEGER, source TEXT, first INTEGER,"
        " visible INTEGER);"
        "CREATE TABLE IF NOT EXISTS kusto_failure(operation TEXT, db TEXT, tbl TEXT, failed TEXT,"
        " source TEXT, details TEXT, code TEXT, kind TEXT, activity TEXT, retry INTEGER)");
}

void catalog::load_tables()
{
    auto rows = storage_.prepare("SELECT id, db, name, folder, docstring, hidden FROM kusto_table");
    while (rows.step())
    {
        auto loaded = std::make_unique<table>();
        loaded->id = rows.integer(0);
        loaded->database = rows.text(1);
        loaded->name = rows.text(2);
        loaded->folder = rows.text(3);
        loaded->docstring = rows.text(4);
        loaded->hidden = rows.integer(5) != 0;
        tables_.push_back(std::move(loaded));
    }
}

void catalog::load_details()
{
    auto columns = storage_.prepare("SELECT id, name, type FROM kusto_column ORDER BY id, ordinal");
    while (columns.step())
        if (auto* owner = by_id(columns.integer(0)))
            owner->columns.push_back(
                {std::string(columns.text(1)), parse_kind(columns.text(2)).value_or(kind::string)});
    auto mappings = storage_.prepare("SELECT id, kind, name, body FROM kusto_mapping");
    while (mappings.step())
        if (auto* owner = by_id(mappings.integer(0)))
            owner->mappings.push_back({std::string(mappings.text(2)), std::string(mappings.text(1)),
                                       std::string(mappings.text(3))});
    auto policies = storage_.prepare("SELECT id, name, body FROM kusto_policy");
    while (policies.step())
        if (auto* owner = by_id(policies.integer(0)))
            owner->policies[std::string(policies.text(1))] = policies.text(2);
    auto of_databases = storage_.prepare("SELECT db, name, body FROM kusto_database_policy");
    while (of_databases.step())
        database_policies_[std::string(of_databases.text(0))][std::string(of_databases.text(1))] =
            of_databases.text(2);
}

void catalog::load_extents()
{
    auto extents = storage_.prepare("SELECT id, extent, nrows, nbytes, tags, created, source,"
                                    " first, visible FROM kusto_extent ORDER BY rowid");
    while (extents.step())
    {
        auto* owner = by_id(extents.integer(0));
        if (owner == nullptr)
            continue;
        extent part;
        part.id = extents.text(1);
        part.rows = static_cast<std::uint64_t>(extents.integer(2));
        part.bytes = static_cast<std::uint64_t>(extents.integer(3));
        part.tags = split_tags(extents.text(4));
        part.created = extents.integer(5);
        part.source = extents.text(6);
        part.first = extents.integer(7);
        part.visible_from = extents.integer(8);
        owner->extents.push_back(std::move(part));
    }
}

void catalog::load_failures()
{
    auto rows = storage_.prepare("SELECT operation, db, tbl, failed, source, details, code, kind,"
                                 " activity, retry FROM kusto_failure ORDER BY rowid");
    while (rows.step())
    {
        ingestion_failure failure;
        failure.operation_id = rows.text(0);
        failure.database = rows.text(1);
        failure.table = rows.text(2);
        failure.failed_on = rows.text(3);
        failure.source_path = rows.text(4);
        failure.details = rows.text(5);
        failure.error_code = rows.text(6);
        failure.failure_kind = rows.text(7);
        failure.activity_id = rows.text(8);
        failure.should_retry = rows.integer(9) != 0;
        failures_.push_back(std::move(failure));
    }
}

} // namespace kusto::emulator::kql
