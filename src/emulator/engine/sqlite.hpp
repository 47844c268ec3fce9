#pragma once

#include "types.hpp"

#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kusto::emulator::kql
{

/// A prepared statement. Text bound to it must live until `run` or the last `step`.
class statement
{
public:
    statement(sqlite3* database, std::string const& sql);
    statement(statement&&) noexcept = default;

    /// Parameters count from 1.
    void bind(int position, std::int64_t value);
    void bind(int position, double value);
    void bind(int position, std::string_view value);
    void bind_null(int position);

    /// \returns whether there is a row
    bool step();
    /// Executes to the end and makes ready for the next execution.
    void run();
    void reset() noexcept;

    /// Columns count from 0.
    [[nodiscard]] bool is_null(int column) const noexcept;
    [[nodiscard]] bool is_text(int column) const noexcept;
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] double real(int column) const noexcept;
    [[nodiscard]] std::string_view text(int column) const noexcept;

private:
    struct closer
    {
        void operator()(sqlite3_stmt* handle) const noexcept;
    };
    void check(int code) const;
    std::unique_ptr<sqlite3_stmt, closer> handle_;
};

class connection
{
public:
    /// \param file  empty: memory
    explicit connection(std::string const& file);

    void execute(std::string const& sql);
    [[nodiscard]] statement prepare(std::string const& sql)
    {
        return statement(handle_.get(), sql);
    }
    [[nodiscard]] std::int64_t last_row_id() const noexcept;

private:
    struct closer
    {
        void operator()(sqlite3* handle) const noexcept;
    };
    std::unique_ptr<sqlite3, closer> handle_;
};

/// Rolls back unless committed.
class transaction
{
public:
    explicit transaction(connection& target) : target_(target) { target_.execute("BEGIN"); }
    ~transaction();
    transaction(transaction const&) = delete;
    transaction& operator=(transaction const&) = delete;
    void commit();

private:
    connection& target_;
    bool open_ = true;
};

} // namespace kusto::emulator::kql
