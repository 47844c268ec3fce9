#pragma once

#include "syntax.hpp"
#include "types.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace kusto::emulator::kql
{

/// An expression with names and types resolved.
class scalar
{
public:
    explicit scalar(kind type) noexcept : type_(type) {}
    virtual ~scalar() = default;

    [[nodiscard]] kind type() const noexcept { return type_; }
    /// \returns the value, which may live in the row, in this object, or in `scratch`
    [[nodiscard]] virtual cell const& eval(row const& input, cell& scratch) const = 0;
    /// Marks the input columns it reads.
    virtual void mark(std::vector<bool>& used) const = 0;
    /// The value when it is the same for every row.
    [[nodiscard]] virtual cell const* constant() const noexcept { return nullptr; }

private:
    kind type_;
};
using scalar_ptr = std::unique_ptr<scalar>;
using scalars = std::vector<scalar_ptr>;

/// A function of evaluated arguments.
using evaluator = std::function<cell(std::vector<cell const*> const&)>;
[[nodiscard]] scalar_ptr make_call(kind type, scalars arguments, evaluator body);
[[nodiscard]] scalar_ptr make_constant(kind type, cell value);
[[nodiscard]] scalar_ptr make_column(std::size_t index, kind type);

/// \throws engine_error
[[nodiscard]] scalar_ptr bind_expression(syntax::expression const& from, schema const& columns);
/// The name a column gets from an expression; empty when there is none.
[[nodiscard]] std::string derived_name(syntax::expression const& from);

// The families of operators, each in its own file.
[[nodiscard]] scalar_ptr bind_arithmetic(std::string const& symbol, scalar_ptr left,
                                         scalar_ptr right);
[[nodiscard]] scalar_ptr bind_comparison(std::string const& symbol, scalar_ptr left,
                                         scalar_ptr right);
/// \returns nothing when `symbol` is no operator on strings
[[nodiscard]] scalar_ptr bind_text_predicate(std::string const& symbol, scalar_ptr left,
                                             scalar_ptr right);
/// Whether `has` or `contains` holds, ignoring the case of ASCII letters.
[[nodiscard]] bool text_matches(std::string_view operation, std::string_view text,
                                std::string_view part);
[[nodiscard]] scalar_ptr bind_among(std::string const& symbol, scalars arguments);
[[nodiscard]] scalar_ptr bind_between(std::string const& symbol, scalars arguments);
[[nodiscard]] scalar_ptr bind_function(std::string const& name, scalars arguments);

/// Freezes `now()` while a query is bound on this thread: all its calls give one value.
class query_time
{
public:
    query_time();
    ~query_time();
    query_time(query_time const&) = delete;
    query_time& operator=(query_time const&) = delete;
};

enum class order : std::uint8_t
{
    less,
    equal,
    greater,
    unordered ///< NaN
};
/// Whether values of the two types can be compared.
[[nodiscard]] bool comparable(kind left, kind right) noexcept;
/// Orders two values that are not null and whose types are comparable.
[[nodiscard]] order compare(cell const& left, cell const& right, kind type) noexcept;
[[nodiscard]] bool is_not_a_number(cell const& value) noexcept;
[[nodiscard]] double to_double(cell const& value) noexcept;

} // namespace kusto::emulator::kql
