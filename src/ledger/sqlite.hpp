#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kusto::ledger::sqlite
{

/// What everything in this file throws. Does not leave the folder: `checkpoint_ledger` makes a
/// `failure` of it.
class sqlite_error : public std::runtime_error
{
public:
    /// \param code  extended result code
    /// \param system_error  `errno` of the call that failed, or 0
    sqlite_error(int code, int system_error, std::string const& what)
        : std::runtime_error(what),
          code_(code),
          system_error_(system_error)
    {
    }

    [[nodiscard]] int code() const noexcept { return code_; }
    [[nodiscard]] int system_error() const noexcept { return system_error_; }

private:
    int code_;
    int system_error_;
};

/// A prepared statement. Text and bytes bound to it must live until the last `step`.
class statement
{
public:
    statement(sqlite3* database, std::string_view sql);

    /// Parameters count from 1.
    statement& bind(int position, std::uint64_t value);
    statement& bind(int position, std::string_view text);
    statement& bind_blob(int position, std::string_view bytes);

    /// \returns whether there is a row
    bool step();
    /// Executes to the end and makes ready for the next execution.
    void run();

    /// Columns count from 0.
    [[nodiscard]] bool is_null(int column) const noexcept;
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::uint64_t number(int column) const noexcept;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string blob(int column) const;

private:
    struct closer
    {
        void operator()(sqlite3_stmt* handle) const noexcept;
    };
    void check(int code) const;
    std::unique_ptr<sqlite3_stmt, closer> handle_;
};

/// Waits up to two seconds for another program that holds the file.
class connection
{
public:
    enum class mode
    {
        existing,
        create,
    };
    connection(std::filesystem::path const& file, mode how);

    /// One or several statements without results.
    void execute(std::string const& sql);
    [[nodiscard]] statement prepare(std::string_view sql) { return statement(handle_.get(), sql); }
    /// The first column of the first row; empty if there is none.
    [[nodiscard]] std::string text_of(std::string_view sql);
    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] int changes() const noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;

private:
    struct closer
    {
        void operator()(sqlite3* handle) const noexcept;
    };
    std::unique_ptr<sqlite3, closer> handle_;
};

/// Has the right to write from its beginning; rolls back unless committed.
class transaction
{
public:
    explicit transaction(connection& target);
    ~transaction();
    transaction(transaction const&) = delete;
    transaction& operator=(transaction const&) = delete;
    void commit();

private:
    connection& target_;
};

} // namespace kusto::ledger::sqlite
