#pragma once

#include "expression.hpp"

#include <memory>
#include <vector>

namespace kusto::emulator::kql
{

/// One step of a query. Rows are pushed through the steps; a step that has enough says so.
class stage
{
public:
    explicit stage(schema output) : output_(std::move(output)) {}
    virtual ~stage() = default;

    /// \returns false when no further row is wanted
    virtual bool push(row const& input) = 0;
    virtual void finish() { next_->finish(); }
    /// Which input columns must be filled, given which output columns are wanted.
    [[nodiscard]] virtual std::vector<bool> needed(std::vector<bool> const& wanted) const = 0;

    [[nodiscard]] schema const& output() const noexcept { return output_; }
    void connect(stage* next) noexcept { next_ = next; }

protected:
    stage* next_ = nullptr;

private:
    schema output_;
};
using stage_ptr = std::unique_ptr<stage>;

/// The first rows.
class take_stage final : public stage
{
public:
    take_stage(schema columns, std::int64_t limit) : stage(std::move(columns)), left_(limit) {}
    bool push(row const& input) override
    {
        if (left_ <= 0)
            return false;
        --left_;
        return next_->push(input) && left_ > 0;
    }
    std::vector<bool> needed(std::vector<bool> const& wanted) const override { return wanted; }

private:
    std::int64_t left_;
};

/// \throws engine_error
[[nodiscard]] stage_ptr make_stage(syntax::operation const& from, schema const& input);
// The larger operators, each family in its own file.
[[nodiscard]] stage_ptr make_distinct(syntax::operation const& from, schema const& input);
[[nodiscard]] stage_ptr make_summarize(syntax::operation const& from, schema const& input);
[[nodiscard]] stage_ptr make_sort(syntax::operation const& from, schema const& input);
[[nodiscard]] stage_ptr make_top(syntax::operation const& from, schema const& input);

[[nodiscard]] bool has_name(schema const& columns, std::string const& name);
/// `name`, or `name1`, `name2`, ... when it is taken.
[[nodiscard]] std::string unique_name(schema const& columns, std::string const& name);
/// Names and binds a list; `prefix` and the position name what has no name of its own.
[[nodiscard]] scalars bind_list(std::vector<syntax::named_expression> const& items,
                                schema const& columns, schema& output, std::string const& prefix,
                                std::size_t first_number);

} // namespace kusto::emulator::kql
