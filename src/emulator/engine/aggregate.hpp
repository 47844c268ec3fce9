#pragma once

#include "expression.hpp"

namespace kusto::emulator::kql
{

/// The running value of one aggregation in one group.
class accumulator
{
public:
    virtual ~accumulator() = default;
    virtual void add(row const& input) = 0;
    [[nodiscard]] virtual cell result() const = 0;
};

/// `sum(x)` and the like, bound to the columns of its input.
class aggregation
{
public:
    /// \throws engine_error
    aggregation(syntax::expression const& from, schema const& columns);

    [[nodiscard]] kind type() const noexcept { return type_; }
    /// `sum_x`, `count_`
    [[nodiscard]] std::string const& default_name() const noexcept { return name_; }
    void mark(std::vector<bool>& used) const;
    /// The accumulator refers to this object.
    [[nodiscard]] std::unique_ptr<accumulator> start() const;

private:
    enum class function : std::uint8_t
    {
        count,
        sum,
        min,
        max,
        avg,
        dcount
    };
    void resolve(std::string const& name, std::size_t arguments);
    void check_type() const;

    function what_ = function::count;
    bool conditional_ = false;
    std::string spelling_;
    std::string name_;
    kind type_ = kind::int64;
    scalar_ptr value_;
    scalar_ptr predicate_;
};

} // namespace kusto::emulator::kql
