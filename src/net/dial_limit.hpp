#pragma once

#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>

namespace kusto::net
{

/// How long one attempt to connect may take, and the words for when it takes longer.
class dial_limit
{
public:
    dial_limit(deadline until, std::chrono::milliseconds connect_timeout);

    [[nodiscard]] deadline due() const { return due_; }
    [[nodiscard]] failure exceeded(stage where) const;

private:
    deadline::time_point started_;
    deadline due_;
    bool by_caller_;
};

} // namespace kusto::net
