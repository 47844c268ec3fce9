#include <ledger/ledger_schema.hpp>

#include <array>
#include <base/guid.hpp>
#include <cerrno>
#include <ledger/file.hpp>
#include <unistd.h>
#include <utility>

namespace kusto::ledger
{

namespace
{

constexpr std::string_view application_id = "1263681612"; // "KWAL"
constexpr std::string_view version = "1";

/// Compared with the file's, so that another version, however it came about, is not written to.
constexpr std::array<std::string_view, 3> tables = {
    R"(CREATE TABLE job(
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    job TEXT NOT NULL,
    target_database TEXT NOT NULL,
    target_table TEXT NOT NULL,
    protocol TEXT NOT NULL,
    owner TEXT NOT NULL,
    last_sealed INTEGER NOT NULL CHECK (last_sealed >= 0),
    last_committed INTEGER NOT NULL CHECK (last_committed >= 0),
    last_position BLOB
) STRICT)",
    R"(CREATE TABLE checkpoint(
    id INTEGER PRIMARY KEY CHECK (id > 0),
    state TEXT NOT NULL CHECK (state IN ('sealed', 'staged', 'moved', 'committed')),
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    position BLOB NOT NULL,
    batches INTEGER NOT NULL CHECK (batches >= 0)
) STRICT)",
    R"(CREATE TABLE batch(
    checkpoint INTEGER NOT NULL REFERENCES checkpoint(id),
    number INTEGER NOT NULL CHECK (number >= 0),
    file TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL CHECK (format IN ('csv', 'json')),
    records INTEGER NOT NULL CHECK (records >= 0),
    raw_bytes INTEGER NOT NULL CHECK (raw_bytes >= 0),
    compressed_bytes INTEGER NOT NULL CHECK (compressed_bytes >= 0),
    crc INTEGER NOT NULL CHECK (crc BETWEEN 0 AND 4294967295),
    PRIMARY KEY (checkpoint, number)
) STRICT)"};

std::filesystem::path with(std::filesystem::path path, char const* suffix)
{
    path += suffix;
    return path;
}

result<void> remove_file(std::filesystem::path const& path)
{
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return disk_failure(path, "removed", errno);
    return result<void>();
}

void fill(sqlite::connection& database, ledger_identity const& identity)
{
    sqlite::transaction change(database);
    database.execute("PRAGMA application_id=" + std::string(application_id) +
                     "; PRAGMA user_version=" + std::string(version));
    for (auto const& table : tables)
        database.execute(std::string(table));
    database.prepare("INSERT INTO job VALUES (1, ?, ?, ?, ?, ?, 0, 0, NULL)")
        .bind(1, identity.job)
        .bind(2, identity.database)
        .bind(3, identity.table)
        .bind(4, identity.protocol)
        .bind(5, base::guid::random().to_string())
        .run();
    change.commit();
}

std::optional<std::string> wrong_schema(sqlite::connection& database)
{
    auto query = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL "
                                  "ORDER BY rowid");
    for (auto const& table : tables)
        if (!query.step() || query.text(0) != table)
            return "does not have the tables of version " + std::string(version);
    if (query.step())
        return "has more in it than the tables of version " + std::string(version);
    return std::nullopt;
}

std::optional<std::string> wrong_content(sqlite::connection& database)
{
    auto const intact = database.text_of("PRAGMA integrity_check(1)");
    if (intact != "ok")
        return "is damaged: " + intact;
    if (database.prepare("PRAGMA foreign_key_check").step())
        return "has a batch without a checkpoint";
    if (database.text_of("SELECT count(*) FROM job") != "1")
        return "does not say what it is for";
    return std::nullopt;
}

} // namespace

failure damaged_ledger(std::filesystem::path const& path, std::string const& what)
{
    return failure(errc::ledger_damaged, stage::ledger,
                   "the ledger '" + path.string() + "' " + what + std::string(damage_remedy));
}

result<void> create_ledger(std::filesystem::path const& path, ledger_identity const& identity)
{
    auto const unfinished = with(path, ".new");
    for (auto const& left_over : {unfinished, with(unfinished, "-journal")})
    {
        auto const removed = remove_file(left_over);
        if (removed.has_error())
            return removed.error();
    }
    {
        sqlite::connection database(unfinished, sqlite::connection::mode::create);
        configure(database);
        fill(database, identity);
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0)
        return disk_failure(path, "made", errno);
    return synchronise_directory(path.parent_path());
}

void configure(sqlite::connection& database)
{
    // A rollback journal, not WAL: between transactions the ledger is one file that can be copied,
    // and no index is mapped into memory, where a full disk would be a SIGBUS. EXTRA also
    // synchronises the directory after the journal's removal, which is the moment of the commit;
    // with FULL a transaction could come undone when the power fails. The price, some
    // synchronisations more, is paid once for each checkpoint.
    database.execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; "
                     "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; "
                     "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY");
}

result<void> check_ledger(std::filesystem::path const& path, sqlite::connection& database)
{
    if (database.text_of("PRAGMA application_id") != application_id)
        return damaged_ledger(path, "is a database of something else, or empty");
    auto const found = database.text_of("PRAGMA user_version");
    if (found != version)
        return damaged_ledger(path, "has version " + found + " and this library knows only " +
                                        std::string(version) + "; use the library that made it");
    if (auto const wrong = wrong_schema(database))
        return damaged_ledger(path, *wrong);
    if (auto const wrong = wrong_content(database))
        return damaged_ledger(path, *wrong);
    return result<void>();
}

} // namespace kusto::ledger
