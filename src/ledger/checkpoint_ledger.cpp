#include <ledger/checkpoint_ledger.hpp>

#include <algorithm>
#include <ledger/batch_file.hpp>
#include <ledger/file.hpp>
#include <ledger/ledger_schema.hpp>
#include <ledger/sqlite.hpp>
#include <optional>
#include <sqlite3.h>
#include <system_error>
#include <utility>

namespace kusto::ledger
{

namespace
{

/// A failed fsync must not be repeated: the system may have forgotten what it could not write.
bool lost_synchronisation(int code) noexcept
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

failure failure_of(std::filesystem::path const& path, sqlite::sqlite_error const& error)
{
    auto const refused = [&](bool retryable)
    {
        auto const text = "the ledger '" + path.string() + "' cannot be read or written: ";
        auto const system = error.system_error();
        return failure(
                   errc::disk_failed, stage::ledger,
                   text + error.what() +
                       (system == 0 ? "" : " (" + std::generic_category().message(system) + ")"))
            .retryable(retryable);
    };
    switch (error.code())
    {
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
        return damaged_ledger(path, std::string("is damaged: ") + error.what());
    default:
        break;
    }
    switch (error.code() & 0xff)
    {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return refused(true);
    case SQLITE_IOERR:
        return refused(!lost_synchronisation(error.code()));
    case SQLITE_CANTOPEN:
        return refused(may_pass(error.system_error()));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return refused(false);
    default:
        return damaged_ledger(path, std::string("is damaged: ") + error.what());
    }
}

std::optional<checkpoint_state> state_from(std::string_view text) noexcept
{
    for (auto const state : {checkpoint_state::sealed, checkpoint_state::staged,
                             checkpoint_state::moved, checkpoint_state::committed})
        if (to_string(state) == text)
            return state;
    return std::nullopt;
}

bool may_follow(checkpoint_state from, checkpoint_state to) noexcept
{
    switch (from)
    {
    case checkpoint_state::sealed:
    case checkpoint_state::staged:
        return true;
    case checkpoint_state::moved:
        return to == checkpoint_state::moved || to == checkpoint_state::committed;
    case checkpoint_state::committed:
        return to == checkpoint_state::committed;
    }
    return false;
}

std::string number_text(checkpoint_id id)
{
    return "checkpoint " + std::to_string(id);
}

void add_batches(sqlite::connection& file, core::sealed_checkpoint const& what)
{
    auto insert = file.prepare("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    std::uint64_t number = 0;
    for (auto const& batch : what.batches)
    {
        insert.bind(1, what.id)
            .bind(2, number++)
            .bind(3, batch.file)
            .bind(4, batch.format == data_format::csv ? "csv" : "json")
            .bind(5, batch.records)
            .bind(6, batch.raw_bytes)
            .bind(7, batch.compressed_bytes)
            .bind(8, std::uint64_t(batch.crc))
            .run();
    }
}

std::vector<core::sealed_batch> batches_of(sqlite::connection& file, checkpoint_id id)
{
    std::vector<core::sealed_batch> batches;
    auto rows = file.prepare("SELECT file, format, records, raw_bytes, compressed_bytes, crc "
                             "FROM batch WHERE checkpoint = ? ORDER BY number");
    rows.bind(1, id);
    while (rows.step())
    {
        core::sealed_batch one;
        one.file = rows.text(0);
        one.format = rows.text(1) == "csv" ? data_format::csv : data_format::json;
        one.records = rows.number(2);
        one.raw_bytes = rows.number(3);
        one.compressed_bytes = rows.number(4);
        one.crc = static_cast<std::uint32_t>(rows.number(5));
        batches.push_back(std::move(one));
    }
    return batches;
}

} // namespace

class checkpoint_ledger::database
{
public:
    explicit database(std::filesystem::path path)
        : path_(std::move(path)),
          file_(path_, sqlite::connection::mode::existing)
    {
    }

    /// Runs `act`, which returns a `result`, and makes failures of SQLite's errors.
    template <class Act>
    auto guarded(Act act) -> decltype(act(std::declval<sqlite::connection&>()))
    {
        if (broken_)
            return *broken_;
        try
        {
            return act(file_);
        }
        catch (sqlite::sqlite_error const& error)
        {
            auto why = failure_of(path_, error);
            if (lost_synchronisation(error.code()))
                broken_ = why;
            return why;
        }
    }

    /// The same in one transaction, which is committed when `act` succeeds.
    template <class Act>
    auto change(Act act) -> decltype(act(std::declval<sqlite::connection&>()))
    {
        return guarded(
            [&](sqlite::connection& file)
            {
                sqlite::transaction all(file);
                auto done = act(file);
                if (done.has_value())
                    all.commit();
                return done;
            });
    }

    [[nodiscard]] failure damaged(std::string const& what) const
    {
        return damaged_ledger(path_, what);
    }

    result<void> check(ledger_identity const& identity);
    result<void> set_state(sqlite::connection& file, checkpoint_id id, checkpoint_state state);

private:
    std::filesystem::path path_;
    sqlite::connection file_;
    std::optional<failure> broken_;
};

result<void> checkpoint_ledger::database::check(ledger_identity const& identity)
{
    return guarded(
        [&](sqlite::connection& file) -> result<void>
        {
            auto const checked = check_ledger(path_, file);
            if (checked.has_error())
                return checked.error();
            // Only now, since it may change the file.
            configure(file);
            // Nothing was sealed: what it was begun for does not matter.
            file.prepare("UPDATE job SET job = ?, target_database = ?, target_table = ?, "
                         "protocol = ? WHERE last_sealed = 0")
                .bind(1, identity.job)
                .bind(2, identity.database)
                .bind(3, identity.table)
                .bind(4, identity.protocol)
                .run();
            auto row = file.prepare("SELECT job, target_database, target_table, protocol FROM job");
            row.step();
            std::pair<char const*, std::string const*> const parts[] = {
                {"job", &identity.job},
                {"database", &identity.database},
                {"table", &identity.table},
                {"protocol", &identity.protocol}};
            for (int i = 0; i < 4; ++i)
                if (row.text(i) != *parts[i].second)
                    return failure(errc::invalid_option, stage::ledger,
                                   "the ledger '" + path_.string() + "' was begun for " +
                                       parts[i].first + " '" + row.text(i) + "', not '" +
                                       *parts[i].second + "'; give this sink another directory");
            return result<void>();
        });
}

result<void> checkpoint_ledger::database::set_state(sqlite::connection& file, checkpoint_id id,
                                                    checkpoint_state state)
{
    auto const text = [&]
    {
        auto query = file.prepare("SELECT state FROM checkpoint WHERE id = ?");
        return query.bind(1, id).step() ? query.text(0) : std::string();
    }();
    auto const now = state_from(text);
    if (!now)
        return damaged("lacks " + number_text(id));
    if (!may_follow(*now, state))
        return damaged("has " + number_text(id) + " as " + text + ", which cannot become " +
                       std::string(to_string(state)));
    file.prepare("UPDATE checkpoint SET state = ? WHERE id = ?")
        .bind(1, to_string(state))
        .bind(2, id)
        .run();
    if (state != checkpoint_state::committed || now == state)
        return result<void>();
    file.prepare("UPDATE job SET last_committed = ?1 WHERE last_committed = ?1 - 1")
        .bind(1, id)
        .run();
    if (file.changes() != 1)
        return damaged("has not committed the checkpoint before " + std::to_string(id));
    return result<void>();
}

checkpoint_ledger::checkpoint_ledger(std::unique_ptr<database> db) : db_(std::move(db)) {}
checkpoint_ledger::checkpoint_ledger(checkpoint_ledger&&) noexcept = default;
checkpoint_ledger& checkpoint_ledger::operator=(checkpoint_ledger&&) noexcept = default;
checkpoint_ledger::~checkpoint_ledger() = default;

namespace
{

/// A new directory. One with batch files, or with SQLite's journal, had a ledger once.
result<void> begin_ledger(std::filesystem::path const& path, ledger_identity const& identity,
                          std::vector<core::found_file> const& files)
{
    auto const journal = std::string(ledger_name) + "-journal";
    for (auto const& file : files)
        if (file.name == journal || file.name.starts_with("batch-"))
            return damaged_ledger(path, "is missing, and '" + file.name + "' is there");
    return create_ledger(path, identity);
}

} // namespace

result<checkpoint_ledger> checkpoint_ledger::open(std::filesystem::path const& directory,
                                                  ledger_identity const& identity)
{
    auto const path = directory / ledger_name;
    auto const files = list_files(directory);
    if (files.has_error())
        return files.error();
    bool const there = std::any_of(files->begin(), files->end(),
                                   [](auto const& file) { return file.name == ledger_name; });
    try
    {
        auto const begun = there ? result<void>() : begin_ledger(path, identity, *files);
        if (begun.has_error())
            return begun.error();
        auto opened = std::make_unique<database>(path);
        auto const checked = opened->check(identity);
        if (checked.has_error())
            return checked.error();
        return checkpoint_ledger(std::move(opened));
    }
    catch (sqlite::sqlite_error const& error)
    {
        return failure_of(path, error);
    }
}

result<core::ledger_contents> checkpoint_ledger::read() const
{
    return db_->guarded(
        [this](sqlite::connection& file) -> result<core::ledger_contents>
        {
            core::ledger_contents out;
            auto job = file.prepare("SELECT last_sealed, last_committed, last_position, owner "
                                    "FROM job");
            job.step();
            out.last_sealed = job.number(0);
            out.last_committed = job.number(1);
            if (!job.is_null(2))
                out.last_position = job.blob(2);
            out.owner = job.text(3);
            auto rows = file.prepare(
                "SELECT id, state, attempt, position, batches FROM checkpoint ORDER BY id");
            while (rows.step())
            {
                core::sealed_checkpoint one;
                one.id = rows.number(0);
                auto const state = state_from(rows.text(1));
                one.attempt = static_cast<int>(rows.integer(2));
                one.position = rows.blob(3);
                one.batches = batches_of(file, one.id);
                if (!state || one.batches.size() != rows.number(4))
                    return db_->damaged("does not have the batches of " + number_text(one.id));
                one.state = *state;
                out.checkpoints.push_back(std::move(one));
            }
            return out;
        });
}

result<void> checkpoint_ledger::seal(core::sealed_checkpoint const& what)
{
    return db_->change(
        [&](sqlite::connection& file) -> result<void>
        {
            file.prepare("UPDATE job SET last_sealed = ?1, last_position = ?2 "
                         "WHERE last_sealed = ?1 - 1")
                .bind(1, what.id)
                .bind_blob(2, what.position)
                .run();
            if (file.changes() != 1)
                return db_->damaged("does not go on with " + number_text(what.id));
            file.prepare("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?)")
                .bind(1, what.id)
                .bind(2, to_string(what.state))
                .bind(3, static_cast<std::uint64_t>(what.attempt))
                .bind_blob(4, what.position)
                .bind(5, what.batches.size())
                .run();
            add_batches(file, what);
            return result<void>();
        });
}

result<int> checkpoint_ledger::begin_attempt(checkpoint_id id)
{
    return db_->change(
        [&](sqlite::connection& file) -> result<int>
        {
            auto update = file.prepare("UPDATE checkpoint SET attempt = attempt + 1, "
                                       "state = 'sealed' WHERE id = ? AND state IN "
                                       "('sealed', 'staged') RETURNING attempt");
            if (!update.bind(1, id).step())
                return db_->damaged("does not have " + number_text(id) + " as sealed or staged");
            auto const attempt = static_cast<int>(update.integer(0));
            update.run();
            return attempt;
        });
}

result<void> checkpoint_ledger::set_state(checkpoint_id id, checkpoint_state state)
{
    return db_->change([&](sqlite::connection& file) { return db_->set_state(file, id, state); });
}

result<void> checkpoint_ledger::forget(std::vector<checkpoint_id> const& ids)
{
    if (ids.empty())
        return result<void>();
    return db_->change(
        [&](sqlite::connection& file) -> result<void>
        {
            auto find = file.prepare("SELECT state FROM checkpoint WHERE id = ?");
            auto batches = file.prepare("DELETE FROM batch WHERE checkpoint = ?");
            auto checkpoint = file.prepare("DELETE FROM checkpoint WHERE id = ?");
            for (auto const id : ids)
            {
                bool const there = find.bind(1, id).step();
                if (there && find.text(0) != to_string(checkpoint_state::committed))
                    return db_->damaged("has not committed " + number_text(id));
                find.run();
                batches.bind(1, id).run();
                checkpoint.bind(1, id).run();
            }
            return result<void>();
        });
}

result<void> checkpoint_ledger::restart_after(core::committed_record const& last)
{
    return db_->change(
        [&](sqlite::connection& file) -> result<void>
        {
            file.execute("DELETE FROM batch; DELETE FROM checkpoint");
            file.prepare("UPDATE job SET last_sealed = ?1, last_committed = ?1, last_position = ?2")
                .bind(1, last.id)
                .bind_blob(2, last.position)
                .run();
            return result<void>();
        });
}

} // namespace kusto::ledger
