#pragma once

#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <optional>

namespace kusto::core
{

/// Decides whether a batch whose attempts are used up waits and is tried again.
///
/// Trouble that may pass is no reason to give a batch up, however long it lasts: the batch waits
/// between half the cap of the backoff and all of it, so that many batches spread out, or as long
/// as the service asked for, and has all its attempts again. A batch that the service's ingestion
/// gave back is posted again as often as the options allow attempts: what fails there may well be
/// the data.
class patience
{
public:
    using time_point = deadline::time_point;

    patience(retry_options const& options, delivery_guarantee guarantee)
        : options_(options),
          guarantee_(guarantee)
    {
    }

    /// \param until  the end of the batch's delivery
    /// \param random  in [0, 1)
    /// \returns when to try again, not after `until`; or nothing: it has failed
    [[nodiscard]] std::optional<time_point> after(failure const& why, deadline until,
                                                  time_point now, double random);

private:
    retry_options options_;
    delivery_guarantee guarantee_;
    int ingestions_ = 0;
};

} // namespace kusto::core
