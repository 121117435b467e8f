// Keys for people who work the lists all day.
