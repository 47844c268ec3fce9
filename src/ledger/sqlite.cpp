#include <ledger/sqlite.hpp>

#include <new>
#include <sqlite3.h>
#include <system_error>

namespace kusto::ledger::sqlite
{

namespace
{

constexpr int patience_ms = 2000;

[[noreturn]] void raise(sqlite3* database, int code)
{
    if ((code & 0xff) == SQLITE_NOMEM)
        throw std::bad_alloc();
    bool const known = database != nullptr;
    throw sqlite_error(known ? sqlite3_extended_errcode(database) : code,
                       known ? sqlite3_system_errno(database) : 0,
                       known ? sqlite3_errmsg(database) : sqlite3_errstr(code));
}

} // namespace

void statement::closer::operator()(sqlite3_stmt* handle) const noexcept
{
    sqlite3_finalize(handle);
}

void connection::closer::operator()(sqlite3* handle) const noexcept
{
    sqlite3_close_v2(handle);
}

statement::statement(sqlite3* database, std::string_view sql)
{
    sqlite3_stmt* handle = nullptr;
    int const code =
        sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
    if (code != SQLITE_OK)
        raise(database, code);
    handle_.reset(handle);
}

void statement::check(int code) const
{
    if (code != SQLITE_OK)
        raise(sqlite3_db_handle(handle_.get()), code);
}

statement& statement::bind(int position, std::uint64_t value)
{
    check(sqlite3_bind_int64(handle_.get(), position, static_cast<sqlite3_int64>(value)));
    return *this;
}

statement& statement::bind(int position, std::string_view text)
{
    // A null pointer would bind NULL instead of an empty text.
    char const* const data = text.data() == nullptr ? "" : text.data();
    check(sqlite3_bind_text64(handle_.get(), position, data, text.size(), SQLITE_STATIC,
                              SQLITE_UTF8));
    return *this;
}

statement& statement::bind_blob(int position, std::string_view bytes)
{
    char const* const data = bytes.data() == nullptr ? "" : bytes.data();
    check(sqlite3_bind_blob64(handle_.get(), position, data, bytes.size(), SQLITE_STATIC));
    return *this;
}

bool statement::step()
{
    int const code = sqlite3_step(handle_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        raise(sqlite3_db_handle(handle_.get()), code);
    return code == SQLITE_ROW;
}

void statement::run()
{
    while (step())
    {
    }
    check(sqlite3_reset(handle_.get()));
}

bool statement::is_null(int column) const noexcept
{
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t statement::integer(int column) const noexcept
{
    return sqlite3_column_int64(handle_.get(), column);
}

std::uint64_t statement::number(int column) const noexcept
{
    return static_cast<std::uint64_t>(integer(column));
}

std::string statement::text(int column) const
{
    auto const* const data = sqlite3_column_text(handle_.get(), column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return data == nullptr ? std::string() : std::string(reinterpret_cast<char const*>(data), size);
}

std::string statement::blob(int column) const
{
    auto const* const data = sqlite3_column_blob(handle_.get(), column);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return data == nullptr ? std::string() : std::string(static_cast<char const*>(data), size);
}

connection::connection(std::filesystem::path const& file, mode how)
{
    sqlite3* handle = nullptr;
    int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (how == mode::create ? SQLITE_OPEN_CREATE : 0);
    // An absolute path, so that none is taken for a URI.
    std::error_code error;
    auto const path = std::filesystem::absolute(file, error);
    if (error)
        throw sqlite_error(SQLITE_CANTOPEN, error.value(), error.message());
    int const code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK)
        raise(handle, code);
    sqlite3_busy_timeout(handle, patience_ms);
}

void connection::execute(std::string const& sql)
{
    int const code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        raise(handle_.get(), code);
}

std::string connection::text_of(std::string_view sql)
{
    auto query = prepare(sql);
    return query.step() ? query.text(0) : std::string();
}

int connection::changes() const noexcept
{
    return sqlite3_changes(handle_.get());
}

bool connection::in_transaction() const noexcept
{
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

transaction::transaction(connection& target) : target_(target)
{
    target_.execute("BEGIN IMMEDIATE");
}

transaction::~transaction()
{
    try
    {
        // After some failures SQLite has rolled back by itself.
        if (target_.in_transaction())
            target_.execute("ROLLBACK");
    }
    catch (std::exception const&)
    {
        // The journal stays, and the next reader of the file rolls back with it.
    }
}

void transaction::commit()
{
    target_.execute("COMMIT");
}

} // namespace kusto::ledger::sqlite
