#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <commit/write_ahead_state.hpp>

namespace kusto::detail
{

/// Ends the coroutines that work for the sink. Outlives their frames, as Asio wants it.
class write_ahead_state::stop_signals
{
public:
    void emit()
    {
        committing.emit(boost::asio::cancellation_type::terminal);
        periodic.emit(boost::asio::cancellation_type::terminal);
    }

    boost::asio::cancellation_signal committing;
    boost::asio::cancellation_signal periodic;
};

} // namespace kusto::detail
