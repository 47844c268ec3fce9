#pragma once

#include <cstddef>
#include <kusto/value.hpp>
#include <utility>
#include <vector>

namespace kusto
{

/// A record whose fields are decided at run time: values by position.
///
/// \par Thread safety
/// A value type.
/// \par Example
/// \code
/// kusto::row const r(std::chrono::system_clock::now(), "MSFT", 412.5, kusto::null);
/// co_await sink.write(r);
/// \endcode
class row
{
public:
    row() = default;
    explicit row(std::vector<value> values) : values_(std::move(values)) {}
    /// Two or more values in the order of the table's columns.
    template <class First, class Second, class... Rest>
    row(First&& first, Second&& second, Rest&&... rest)
    {
        values_.reserve(2 + sizeof...(rest));
        add(std::forward<First>(first));
        add(std::forward<Second>(second));
        (add(std::forward<Rest>(rest)), ...);
    }

    /// Appends a value.
    row& add(value v)
    {
        values_.push_back(std::move(v));
        return *this;
    }
    /// Removes all values; keeps the memory for the next record.
    void clear() noexcept { values_.clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    [[nodiscard]] value& operator[](std::size_t index) { return values_[index]; }
    [[nodiscard]] value const& operator[](std::size_t index) const { return values_[index]; }
    [[nodiscard]] auto begin() const noexcept { return values_.begin(); }
    [[nodiscard]] auto end() const noexcept { return values_.end(); }

    [[nodiscard]] friend bool operator==(row const&, row const&) = default;

private:
    std::vector<value> values_;
};

} // namespace kusto
