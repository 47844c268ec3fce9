#include "sqlite.hpp"

#include <sqlite3.h>
#include <stdexcept>

namespace kusto::emulator::kql
{

namespace
{

[[noreturn]] void raise(sqlite3* database)
{
    throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(database));
}

} // namespace

void statement::closer::operator()(sqlite3_stmt* handle) const noexcept
{
    sqlite3_finalize(handle);
}
void connection::closer::operator()(sqlite3* handle) const noexcept
{
    sqlite3_close(handle);
}

statement::statement(sqlite3* database, std::string const& sql)
{
    sqlite3_stmt* handle = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &handle, nullptr) != SQLITE_OK)
        raise(database);
    handle_.reset(handle);
}

void statement::check(int code) const
{
    if (code != SQLITE_OK)
        raise(sqlite3_db_handle(handle_.get()));
}

void statement::bind(int position, std::int64_t value)
{
    check(sqlite3_bind_int64(handle_.get(), position, value));
}

void statement::bind(int position, double value)
{
    check(sqlite3_bind_double(handle_.get(), position, value));
}

void statement::bind(int position, std::string_view value)
{
    // A null pointer would bind NULL instead of an empty text.
    char const* const data = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(handle_.get(), position, data, value.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
}

void statement::bind_null(int position)
{
    check(sqlite3_bind_null(handle_.get(), position));
}

bool statement::step()
{
    int const code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        raise(sqlite3_db_handle(handle_.get()));
    return false;
}

void statement::run()
{
    while (step())
    {
    }
    reset();
}

void statement::reset() noexcept
{
    sqlite3_reset(handle_.get());
}

bool statement::is_null(int column) const noexcept
{
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

bool statement::is_text(int column) const noexcept
{
    return sqlite3_column_type(handle_.get(), column) == SQLITE_TEXT;
}

std::int64_t statement::integer(int column) const noexcept
{
    return sqlite3_column_int64(handle_.get(), column);
}

double statement::real(int column) const noexcept
{
    return sqlite3_column_double(handle_.get(), column);
}

std::string_view statement::text(int column) const noexcept
{
    auto const* const data = sqlite3_column_text(handle_.get(), column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return {reinterpret_cast<char const*>(data), data == nullptr ? 0 : size};
}

connection::connection(std::string const& file)
{
    sqlite3* handle = nullptr;
    int const code =
        sqlite3_open_v2(file.empty() ? ":memory:" : file.c_str(), &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK)
        throw std::runtime_error("cannot open the SQLite file " + file + ": " +
                                 sqlite3_errstr(code));
    if (!file.empty())
        execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
}

void connection::execute(std::string const& sql)
{
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        raise(handle_.get());
}

std::int64_t connection::last_row_id() const noexcept
{
    return sqlite3_last_insert_rowid(handle_.get());
}

transaction::~transaction()
{
    if (!open_)
        return;
    try
    {
        target_.execute("ROLLBACK");
    }
    catch (std::exception const&)
    {
        // SQLite has already rolled back by itself.
    }
}

void transaction::commit()
{
    target_.execute("COMMIT");
    open_ = false;
}

} // namespace kusto::emulator::kql
