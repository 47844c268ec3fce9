#pragma once

#include <boost/asio/awaitable.hpp>
#include <commit/write_ahead_state.hpp>
#include <kusto/error.hpp>
#include <memory>

namespace kusto::commit
{

/// Everything that `write_ahead_sink::open` does. \param context  without `owner`, `files` and `permit`
[[nodiscard]] boost::asio::awaitable<result<std::shared_ptr<detail::write_ahead_state>>>
open_state(commit_context context, deadline until = deadline::never());

} // namespace kusto::commit
